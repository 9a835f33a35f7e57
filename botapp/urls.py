from __future__ import annotations

from django.urls import path

from botapp import views

urlpatterns = [path("webhook/", views.telegram, name="telegram-webhook")]
