from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.evaluation.cases import split
from recommendations.evaluation.engine import FEW, spread
from recommendations.evaluation.generated import generate
from recommendations.evaluation.run import RANKERS
from recommendations.management.commands import evaluate


def run(*options: str) -> str:
    out = StringIO()
    call_command("evaluate", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def figures(*options: str):
    return json.loads(run("--json", *options))


@pytest.fixture(scope="module")
def made_up():
    return figures("--users", "12", "--days", "2")


def test_every_ranker_is_told_capped_and_uncapped(made_up):
    assert set(made_up) == {"rankers", "uncapped"}
    for rankers in (made_up["rankers"], made_up["uncapped"]):
        assert tuple(rankers) == RANKERS
        for told in rankers.values():
            assert all(f"{metric}_ci" in told for metric in ("ild", "novelty"))
            for metric in ("ndcg@30", "recall@30", "hit@30", "artists", "new_artists", "share_new"):
                low, high = told[f"{metric}_ci"]
                assert 0 <= low <= told[metric] <= high <= 1
            assert told["share_new"] == 1
            assert {"coverage", "length"} <= told.keys()


def test_the_cap_is_the_products(made_up):
    assert all(told["most_of_an_artist"] <= 2 for told in made_up["rankers"].values())
    assert made_up["uncapped"]["votes"]["most_of_an_artist"] > 2


def test_gains_are_told_over_votes_and_itemknn(made_up):
    rankers = made_up["rankers"]
    assert rankers["ours"]["vs_votes"] == pytest.approx(rankers["ours"]["ndcg@30"] - rankers["votes"]["ndcg@30"])
    _low, high = rankers["random"]["vs_itemknn_ci"]
    assert high < 0
    assert "vs_votes" not in rankers["votes"]


def test_whoever_knows_taste_beats_whoever_does_not(made_up):
    told = {name: figures["ndcg@30"] for name, figures in made_up["rankers"].items()}
    assert min(told["ours"], told["ease"], told["itemknn"], told["rrf"]) > told["popularity"] > told["random"]


def test_calls_are_counted_for_those_who_ask(made_up):
    rankers = made_up["rankers"]
    assert 0 < rankers["ours"]["calls"] <= 40 + 40 + 10 + 20 + 15
    assert rankers["ours"]["calls_ci"][0] <= rankers["ours"]["calls"] <= rankers["ours"]["calls_ci"][1]
    assert "calls" not in rankers["ease"]


def test_days_keep_a_history(made_up):
    for name in ("ours", "itemknn", "ease", "popularity"):
        month = made_up["rankers"][name]["month"]
        assert month["repeats"] == month["empty_days"] == month["short_days"] == 0
        assert month["recall"]["1"] < month["recall"]["2"]
    assert made_up["rankers"]["ours"]["month"]["recall"]["1"] == pytest.approx(made_up["rankers"]["ours"]["recall@30"])
    assert "month" not in made_up["rankers"]["votes"]


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    once, again, other = (figures("--users", "2", "--seed", seed) for seed in ("3", "3", "4"))
    assert once == again
    assert once != other


def test_without_any_other_service_the_radio_alone_makes_the_lists():
    def found(*options: str) -> float:
        asked = ("--users", "12", "--only", "ours", "--no-track-service", "--no-artist-service", *options)
        return float(figures(*asked)["rankers"]["ours"]["hit@30"])

    assert found() == 0 < found("--artist-radio")


def test_the_wilder_the_more_artists_are_new():
    tame, wild = (figures("--users", "12", "--only", "ours", "--wild", dial)["rankers"]["ours"] for dial in ("0", "10"))
    assert tame["new_artists"] < wild["new_artists"]


def test_how_many_were_drawn_is_told():
    options = ("--least", "45", "--users", "999999999", "--only", "popularity")
    drawn = figures(*options)["rankers"]["popularity"]["users"]
    assert 1 < drawn < 600
    assert run(*options).startswith(f"Listeners: {drawn}.\n")


def test_what_services_do_not_know_costs_accuracy():
    def ndcg(*options: str):
        told = figures("--users", "6", "--only", "ours", *options)
        return told["rankers"]["ours"]["ndcg@30"]

    lacking = [ndcg(*options) for options in (("--unknown", "0.9"), ("--no-track-service",), ("--known", "3"))]
    assert ndcg() > max(lacking)
    assert min(lacking) > 0


def test_a_simulated_radio_is_named_as_such():
    options = ("--users", "3", "--only", "ours", "--no-track-service", "--artist-radio")
    told = figures(*options)
    assert "artist radio" in told["simulated"]["listenbrainz_artist_radio"]
    assert told["rankers"]["ours"]["ndcg@30"] > 0
    assert run(*options).startswith("Simulated: ListenBrainz's artist radio")


def test_a_radio_needs_artists(tmp_path):
    (tmp_path / "interactions.csv").write_text("user,track\nann,1\nann,2\nbob,1\n")
    with pytest.raises(CommandError, match="needs artists"):
        run("--data", str(tmp_path), "--artist-radio")


def test_the_tables_are_for_people():
    told = run("--users", "3", "--only", "ours, votes", "--merged", "2", "--split", "test", "--days", "1")
    assert "| ours | 0." in told
    assert told.count("| votes |") == 2
    assert "A list a day" in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--users", "0"), "--users must be 1 or more"),
        (("--days", "-1"), "--days must be 0 or more"),
        (("--unknown", "1.5"), "--unknown is a share"),
        (("--wild", "11"), "--wild goes from 0 to 10"),
        (("--only", "ours,mine"), "mine is none of ours"),
        (("--data", "/nowhere"), "/nowhere is no folder that may be read"),
    ],
)
def test_a_wrong_option_gets_a_sentence(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*options)


def test_without_its_libraries_it_says_which_to_install(monkeypatch):
    monkeypatch.setattr(evaluate, "MISSING", "scipy")
    with pytest.raises(CommandError, match=r"needs scipy: pip install -r requirements-dev\.txt"):
        run()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_several_processes_answer_in_the_order_of_the_cases():
    cases = split(generate(), users=2 * FEW, seed=0).cases
    assert spread(lambda case: case.listener, cases) == [case.listener for case in cases]
