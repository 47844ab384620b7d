"""Square-root impact, order splitting and mechanism multipliers. Expected values by hand arithmetic and the laws' own exponents."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from smartmoney_pipeline.scenarios.background import plan_singles, style_shares
from smartmoney_pipeline.scenarios.chain import build_chain
from smartmoney_pipeline.scenarios.clock import open_clock
from smartmoney_pipeline.scenarios.generate import generate_pack
from smartmoney_pipeline.scenarios.impact import Volumes, decay, places, pressure, spot_push, vol_response
from smartmoney_pipeline.scenarios.market_model import Dividends, EventVariance, MarketModel
from smartmoney_pipeline.scenarios.mechanism import Mechanism
from smartmoney_pipeline.scenarios.metaorders import metaorder_numbers
from smartmoney_pipeline.scenarios.orders import Style, no_legs, single_orders
from smartmoney_pipeline.scenarios.packs import load_pack
from smartmoney_pipeline.scenarios.paths import Path, grid, market_path, simulate
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlyings import underlying

SESSION = date(2026, 3, 18)
KEY = StreamKey("test", 1, SESSION)
SECOND = 1_000_000_000


def model(ticker: str = "AAPL", **multipliers: float) -> MarketModel:
    terms, clock = underlying(ticker), open_clock(SESSION).of_underlying(ticker)
    path = simulate(KEY, ticker, terms, clock, market_path(KEY, clock, (0, 0)), (0, 0))
    chain = build_chain(ticker, terms, clock, float(np.exp(path.log_spot[0])))
    return MarketModel(terms, clock, chain, path, 0.0365, Dividends((), ()), EventVariance((), ()), Mechanism(**multipliers))


def orders(made: MarketModel, size: list[int], side: int = 1, at_s: float = 3_600.0, gap_s: float = 20.0) -> pd.DataFrame:
    ts = made.clock.open_ns + ((at_s + gap_s * np.arange(len(size))) * SECOND).astype(np.int64)
    contract = int(made.chain.starts[2]) + 2 * (len(made.chain.strikes(2)) // 2)
    return single_orders(ts=ts, contract=contract, side=side, size=np.array(size), style=int(Style.TAKE), sweep=False, event=-1)


def volumes(made: MarketModel) -> Volumes:
    return Volumes(np.full(len(made.chain), 1e6), 1e5)


def test_impact_grows_with_the_root_of_volume_and_with_its_multiplier():
    made = model()
    small, large = (pressure(made, volumes(made), orders(made, [n]), no_legs()).log_vol[0] for n in (10, 40))
    assert large == pytest.approx(2.0 * small)
    sold = pressure(made, volumes(made), orders(made, [10], side=-1), no_legs()).log_vol[0]
    assert sold == pytest.approx(-small)
    stronger = model(impact=2.0)
    assert pressure(stronger, volumes(made), orders(made, [10]), no_legs()).log_vol[0] == pytest.approx(2.0 * small)


def test_impact_decays_with_the_root_of_time():
    # (1 + t / tau)^-1/2 with tau of five seconds: a half after 15 s, a tenth after 495 s.
    assert decay(np.array([0.0, 15.0, 495.0])) == pytest.approx([1.0, 0.5, 0.1], rel=0.1)


def test_a_split_order_moves_about_as_the_root_of_its_whole():
    made = model()
    response = []
    for pieces in (4, 16, 64):
        felt = pressure(made, volumes(made), orders(made, [10] * pieces), no_legs())
        at = felt.ts[-1:] + 1
        response.append(float(vol_response(places(made), felt).at(int(felt.contract[0]), at)[0]))
    slope = np.polyfit(np.log([4, 16, 64]), np.log(response), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.12)


def test_bought_calls_lift_the_spot_and_neighbours_feel_less():
    made = model()
    felt = pressure(made, volumes(made), orders(made, [500]), no_legs())
    after = felt.ts + SECOND
    assert spot_push(felt, after)[0] > 0
    response, bought = vol_response(places(made), felt), int(felt.contract[0])
    own, put, far = (float(response.at(c, after)[0]) for c in (bought, bought ^ 1, bought + 24))
    assert own == pytest.approx(put)
    assert 0 <= far < 0.5 * own


def test_metaorders_have_lengths_with_the_published_tail():
    number = metaorder_numbers(KEY.stream("X", "metaorders"), 200_000, 5, 1.0)
    lengths = np.bincount(number)
    # P(length > n) = n^-1.5 (Lillo, Mike and Farmer 2005): 4^1.5 = 8 between lengths of 5 and 20.
    assert (lengths > 5).mean() / (lengths > 20).mean() == pytest.approx(8.0, rel=0.25)


def test_customer_sides_remember_each_other_to_lag_fifty():
    pack = load_pack("test").model_copy(update={"underlyings": ["AAPL"], "templates": {}, "background_prints": 25_000, "quote_scale": 40})
    days = [generate_pack(pack, SESSION, seed) for seed in range(3, 9)]
    joined = [day.tables["option_prints"].to_pandas().merge(day.sides, on="print_id")["side"] for day in days]
    sides = [(side - side.mean()).to_numpy() for side in joined]
    for lag, errors in ((10, 5.0), (20, 3.0), (50, 1.0)):
        # In standard errors of independent signs, over six days.
        products = np.concatenate([side[lag:] * side[:-lag] for side in sides])
        assert products.mean() > errors / np.sqrt(len(products)), lag


def test_multipliers_of_styles_and_sizes_act_in_their_direction():
    plain = style_shares(Mechanism())
    assert style_shares(Mechanism(resting_share=1.2))[Style.REST] > plain[Style.REST]
    assert style_shares(Mechanism(auction_share=0.7))[Style.AUCTION] < plain[Style.AUCTION]
    base, larger, swept, bunched = (
        plan_singles(KEY, model(**m), 4_000) for m in ({}, {"size_scale": 1.6}, {"sweep_share": 2.0}, {"clustering": 1.3})
    )
    assert larger["size"].mean() > 1.2 * base["size"].mean()
    assert swept["sweep"].mean() > 1.5 * base["sweep"].mean()
    fano = [np.var(n) / np.mean(n) for n in (np.bincount((o["ts"] - o["ts"].min()) // (60 * SECOND)) for o in (base, bunched))]
    assert fano[1] > fano[0]


def test_multipliers_of_quotes_act_in_their_direction():
    pack = load_pack("test").model_copy(update={"underlyings": ["DECK"], "templates": {}, "background_prints": 2_000, "quote_scale": 100})

    def quoted(**multipliers: float) -> pd.DataFrame:
        made = generate_pack(pack.model_copy(update={"mechanism": Mechanism(**multipliers)}), SESSION, 3)
        return made.tables["option_quotes"].to_pandas()

    base, wide, busy = quoted(), quoted(spread_scale=1.5), quoted(quote_rate=1.5)
    assert (wide["ask"] - wide["bid"]).mean() > 1.2 * (base["ask"] - base["bid"]).mean()
    assert len(busy) > 1.2 * len(base)


def test_hidden_size_and_skew_act_in_their_direction():
    steep = model("SPY", skew_scale=1.3)
    rows = np.arange(*steep.chain.starts[6:8], dtype=np.int64)
    now = np.full(len(rows), steep.clock.open_ns)
    slope = [float(np.polyfit(m.chain.column("strike")[rows], m.european(rows, now).volatility, 1)[0]) for m in (model("SPY"), steep)]
    assert slope[1] < slope[0] < 0
    pack = load_pack("test").model_copy(update={"underlyings": ["GME"], "templates": {}, "background_prints": 6_000, "quote_scale": 60})
    made = [generate_pack(pack.model_copy(update={"mechanism": Mechanism(hidden_size=h)}), SESSION, 3) for h in (0.2, 5.0)]
    assert made[0].tables["option_prints"].num_rows > made[1].tables["option_prints"].num_rows


def test_an_unknown_or_senseless_multiplier_is_an_error():
    with pytest.raises(ValidationError, match="speed"):
        Mechanism.model_validate({"speed": 2.0})
    with pytest.raises(ValidationError):
        Mechanism(impact=0.0)


def test_volatility_answers_the_spot_with_the_stickiness_of_the_smile():
    made = model("SPY")
    flat = Path(grid(made.clock), np.full(len(grid(made.clock)), np.log(660.0)), np.zeros(len(grid(made.clock))), made.path.jumps)
    fallen = replace(flat, log_spot=np.where(np.arange(len(flat.ts)) == 0, flat.log_spot, flat.log_spot - 0.01))
    strike = made.chain.column("strike")
    rows = np.arange(*made.chain.starts[-2:], dtype=np.int64)
    rows = rows[np.abs(strike[rows] / 660.0 - 1.0) < 0.04]
    at = np.full(len(rows), made.clock.open_ns + SECOND)
    smile = [np.polyfit(np.log(strike[rows]), replace(made, path=p).european(rows, at).volatility, 2) for p in (flat, fallen)]
    rise = np.polyval(smile[1], np.log(660.0 * 0.99)) - np.polyval(smile[0], np.log(660.0))
    slope = np.polyval(np.polyder(smile[0]), np.log(660.0))
    # Bergomi's skew stickiness: at-the-money volatility moves by 1.2 to 1.5 slopes per unit of log spot.
    assert rise / (-0.01 * slope) == pytest.approx(1.35, abs=0.2)
