"""The HTTP client of the providers: patience, pace, cache and keys. Waits: 1 s doubled each time, as `HttpPolicy` states."""

from datetime import timedelta

import httpx
import pytest
from recorded_answers import NASDAQ, Clock, Network, client

from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.http import required_key

URL = "https://calendar.example/earnings"


def test_it_tries_again_and_waits_longer_each_time():
    clock, network = Clock(), Network(httpx.Response(503), httpx.ConnectError("down"), NASDAQ)
    assert "AAA" in client(network, clock, pause=0.0).get(URL).text
    assert clock.waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (httpx.Response(429), "limits the number of calls"),
        (httpx.ReadTimeout("slow"), "gave no answer in time"),
        (httpx.ConnectError("down"), "cannot be reached"),
        (httpx.Response(500), "answers 500"),
    ],
)
def test_it_gives_up_with_the_name_and_the_reason(response, said):
    network = Network(response)
    with pytest.raises(ProviderError, match=f"nasdaq {said}.*4 attempts"):
        client(network, Clock()).get(URL)
    assert len(network.urls) == 4


def test_a_limit_that_says_how_long_is_obeyed_within_reason():
    clock = Clock()
    client(
        Network(httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(429, headers={"retry-after": "9999"}), NASDAQ), clock
    ).get(URL)
    assert clock.waits == [7.0, 60.0]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_not_repeated(status):
    network = Network(httpx.Response(status))
    with pytest.raises(ProviderError, match=str(status)):
        client(network, Clock()).get(URL)
    assert len(network.urls) == 1


def test_calls_keep_their_pace():
    clock = Clock()
    calls = client(Network(NASDAQ), clock, pause=0.5)
    for _ in range(3):
        calls.get(URL)
    assert clock.waits == [0.5, 0.5]


def test_a_fresh_answer_comes_from_disk_and_an_old_one_does_not(tmp_path):
    clock, network = Clock(), Network(NASDAQ)
    calls = client(network, clock, tmp_path, fresh=timedelta(minutes=10))
    first = calls.get(URL, {"date": "2025-01-30", "apikey": "secret"})
    again = calls.get(URL, {"date": "2025-01-30", "apikey": "other"})
    assert (again.text, again.retrieved_at, again.from_cache) == (first.text, first.retrieved_at, True)
    assert "secret" not in "".join(path.name + path.read_text() for path in tmp_path.iterdir())
    clock.time += timedelta(minutes=11)
    assert not calls.get(URL, {"date": "2025-01-30"}).from_cache
    assert len(network.urls) == 2


def test_a_damaged_cache_is_asked_again(tmp_path):
    calls = client(network := Network(NASDAQ), Clock(), tmp_path)
    calls.get(URL)
    for path in tmp_path.iterdir():
        path.write_text("{")
    calls.get(URL)
    assert len(network.urls) == 2


def test_a_key_comes_from_the_environment():
    assert required_key("FMP_API_KEY", {"FMP_API_KEY": " k "}) == "k"
    with pytest.raises(ProviderError, match="FMP_API_KEY"):
        required_key("FMP_API_KEY", {})
