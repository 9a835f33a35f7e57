"""The words of the admin's theme that neither it nor Django says in Russian: here so that our catalogues hold them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = [
    _("Select record"),
    _("Select action"),
    _("Select action to run"),
    _("Select value"),
    _("Select all rows"),
    _("Value"),
    _("From"),
    _("To"),
    _("Date"),
    _("Date from"),
    _("Date to"),
    _(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password"
        ' using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    _("After you've created a user, you’ll be able to edit more user options."),
    _("Filters"),
    _("Apply Filters"),
    _("Reset filters"),
    _("Expand row"),
    _("Welcome"),
    _("Welcome back to"),
    _("Return to site"),
    _("Go back"),
    _("Forgotten your password or username?"),
    _("Toggle password visibility"),
    _("You have been successfully logged out from the administration"),
    _("Type to search"),
    _("Search apps and models..."),
    _("Recent searches"),
    _("No recent searches"),
    _("No results matching your query"),
    _("No results found"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Loading more results..."),
    _("No data"),
    _("More actions"),
    _("All applications"),
    _("True"),
    _("False"),
    _("Submit"),
    _("General"),
    _("Light"),
    _("Dark"),
    _("System"),
    _("Previous"),
    _("Next"),
]
