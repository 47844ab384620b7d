"""Typed features of a parent event. Names carry units; null means unknown. Formulas and sources: the feature registry."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


def _unit(unit: str, description: str, **bounds: Any) -> Any:
    return Field(default=None, description=description, json_schema_extra={"unit": unit}, **bounds)


def _share(description: str) -> Any:
    return _unit("share", description, ge=0.0, le=1.0)


class EventFeatures(BaseModel):
    """Features of one parent event, from prints up to its last and market state before its first print."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # size
    contracts: Annotated[int | None, _unit("contracts", "contracts over all member prints")]
    print_count: Annotated[int | None, _unit("prints", "member prints")]
    premium_usd: Annotated[float | None, _unit("USD", "sum of price x size x multiplier")]
    delta_notional_usd: Annotated[float | None, _unit("USD", "sum of |delta| x contracts x multiplier x underlying price")]
    largest_print_contracts: Annotated[int | None, _unit("contracts", "largest member print")]
    premium_z: Annotated[float | None, _unit("deviations", "ln premium against the underlying's earlier prints of the session")]
    contract_volume_share: Annotated[float | None, _share("share of the contract's volume so far, this event included")]
    underlying_volume_share: Annotated[float | None, _share("share of the underlying's option volume so far, this event included")]
    open_interest_share: Annotated[float | None, _unit("ratio", "contracts over start-of-day open interest of its contracts", ge=0)]
    small_ticket_share: Annotated[float | None, _share("contracts in prints of at most ten contracts")]
    same_size_share: Annotated[float | None, _share("prints that have the size of their packet's first print")]
    size_variation: Annotated[float | None, _unit("ratio", "deviation of print sizes over their mean", ge=0)]
    contracts_over_own_p99: Annotated[
        float | None, _unit("ratio", "contracts over the 99th percentile of the underlying's earlier print sizes of the session", ge=0)
    ]
    participation_share: Annotated[float | None, _share("share of the underlying's option volume from its first print to its last")]

    # aggressor mix and spread position
    aggressor_mix: Annotated[float | None, _unit("share", "contract-weighted mean of 2 p_buy - 1", ge=-1, le=1)]
    buy_probability: Annotated[float | None, _share("probability that the parent was bought, children not counted as independent")]
    ask_lift_share: Annotated[float | None, _share("signed contracts bought at or above the ask")]
    bid_hit_share: Annotated[float | None, _share("signed contracts sold at or below the bid")]
    inside_share: Annotated[float | None, _share("contracts inside the quote or at the mid")]
    outside_share: Annotated[float | None, _share("contracts outside the quote")]
    spread_position: Annotated[float | None, _unit("ratio", "contract-weighted (price - bid) / (ask - bid)")]
    sign_stability: Annotated[float | None, _share("contract-weighted agreement of the sign over quote lags")]
    two_sidedness: Annotated[float | None, _share("smaller over larger of bought and sold contracts")]

    # quote quality
    quoted_share: Annotated[float | None, _share("contracts with a sound two-sided quote")]
    quote_age_ms: Annotated[float | None, _unit("ms", "contract-weighted age of the quote", ge=0)]
    quote_age_ms_max: Annotated[float | None, _unit("ms", "greatest age of the quote", ge=0)]
    stale_share: Annotated[float | None, _share("contracts on a stale quote, among those whose quote age is known")]
    crossed_or_locked_share: Annotated[float | None, _share("contracts on a crossed or locked quote")]
    relative_spread: Annotated[float | None, _unit("ratio", "contract-weighted (ask - bid) / mid", ge=0)]
    spread_widening: Annotated[float | None, _unit("ratio", "spread before the first print over the spread 30 to 60 s earlier, minus 1")]
    quote_drift_half_spreads: Annotated[
        float | None,
        _unit("half-spreads", "move of the underlying, times delta, under a quote that has not changed for 30 to 60 s", ge=0),
    ]
    quote_age_move_half_spreads: Annotated[
        float | None, _unit("half-spreads", "usual move of the underlying, times delta, in the age of the quote", ge=0)
    ]
    largest_print_over_depth: Annotated[float | None, _unit("ratio", "largest print over the size quoted on the side it took", ge=0)]

    # route and time
    venue_count: Annotated[int | None, _unit("venues", "distinct participants")]
    iso_share: Annotated[float | None, _share("contracts under an intermarket-sweep code")]
    auction_share: Annotated[float | None, _share("contracts in single-leg auction prints")]
    small_auction_share: Annotated[float | None, _share("contracts in single-leg auction prints of at most ten contracts")]
    cross_share: Annotated[float | None, _share("contracts in cross prints")]
    floor_share: Annotated[float | None, _share("contracts in floor prints")]
    complex_share: Annotated[float | None, _share("contracts under multi-leg codes")]
    stock_tied_share: Annotated[float | None, _share("contracts under stock-tied codes")]
    late_share: Annotated[float | None, _share("contracts in late or out-of-sequence prints")]
    extended_hours_share: Annotated[float | None, _share("contracts in extended-hours prints")]
    inter_fill_ms: Annotated[float | None, _unit("ms", "mean time between consecutive prints, null for one print", ge=0)]
    inter_fill_variation: Annotated[
        float | None, _unit("ratio", "deviation of packet start gaps over their mean, null below three packets", ge=0)
    ]
    minutes_since_open: Annotated[float | None, _unit("minutes", "regular-session minutes before the first print")]
    minutes_to_close: Annotated[float | None, _unit("minutes", "regular-session minutes after the first print")]

    # concentration and contract
    strike_concentration: Annotated[float | None, _share("largest strike's share of premium")]
    expiry_concentration: Annotated[float | None, _share("largest expiry's share of premium")]
    strike_count: Annotated[int | None, _unit("strikes", "distinct strikes")]
    leg_count: Annotated[int | None, _unit("contracts", "distinct option contracts")]
    call_share: Annotated[float | None, _share("contracts that are calls")]
    dte_days: Annotated[int | None, _unit("days", "calendar days to the expiry of the leg with the largest premium")]
    minutes_to_expiry: Annotated[
        float | None, _unit("minutes", "trading minutes to that settlement, only for DTE of two days or less", ge=0)
    ]
    log_moneyness: Annotated[float | None, _unit("log ratio", "premium-weighted ln(strike / forward)")]
    otm_amount: Annotated[float | None, _unit("log ratio", "premium-weighted ln distance out of the money, negative in the money")]
    atm_distance: Annotated[float | None, _unit("deviations", "premium-weighted |ln(strike/forward)| over iv x sqrt(years)", ge=0)]
    abs_delta: Annotated[float | None, _share("premium-weighted |delta|")]
    premium_per_contract_usd: Annotated[float | None, _unit("USD", "premium over contracts, per share", ge=0)]

    # volatility
    iv: Annotated[float | None, _unit("per year", "vega-weighted implied volatility", ge=0)]
    iv_shock_points: Annotated[
        float | None,
        _unit("volatility points", "vega-weighted change of implied volatility in 30 to 60 s, above its floor"),
    ]
    iv_shock_half_spreads: Annotated[float | None, _unit("half-spreads", "the same in half quoted spreads of the option, as volatility")]
    iv_minus_realised_points: Annotated[
        float | None, _unit("volatility points", "implied minus trailing realised volatility of past sessions")
    ]
    volatility_premium_z: Annotated[
        float | None, _unit("deviations", "IV30 less realised volatility of the last session against earlier sessions")
    ]
    vega_notional_usd: Annotated[float | None, _unit("USD per point", "gross vega x contracts x multiplier", ge=0)]
    dollar_gamma_1pct: Annotated[float | None, _unit("USD per 1 %", "gross gamma x contracts x multiplier x price^2 / 100", ge=0)]

    # underlying
    underlying_move_sigmas: Annotated[float | None, _unit("deviations", "30 s return before the event over its trailing deviation")]
    underlying_return_open: Annotated[float | None, _unit("log return", "return of the underlying since its first quote of the day")]
    underlying_move_alignment: Annotated[
        float | None,
        _unit("share", "sign agreement of net delta with the 30 s move, weighted by the sign's certainty", ge=-1, le=1),
    ]
    index_or_etf: Annotated[bool | None, _unit("flag", "the underlying is an index or a broad fund")]
    attention_z: Annotated[float | None, _unit("deviations", "option volume of the day so far against past sessions")]
    usual_option_volume: Annotated[float | None, _unit("contracts", "option volume of a usual past session", ge=0)]
    day_return_sigmas: Annotated[float | None, _unit("deviations", "return since the open over the realised deviation of one session")]
    day_move_alignment: Annotated[
        float | None,
        _unit("share", "sign agreement of net delta with the return since the open, weighted by the sign's certainty", ge=-1, le=1),
    ]

    # structure and exposure
    same_size_leg_symmetry: Annotated[float | None, _share("smallest over largest leg in contracts per ratio unit, null for one leg")]
    net_delta_shares: Annotated[float | None, _unit("shares", "signed delta x contracts x multiplier, given the likely side")]
    net_delta_ratio: Annotated[float | None, _unit("ratio", "net over gross delta", ge=-1, le=1)]
    net_delta_per_unit: Annotated[float | None, _unit("ratio", "signed delta of one unit of the structure, given the likely side")]
    net_vega_usd: Annotated[float | None, _unit("USD per point", "signed vega x contracts x multiplier")]
    net_vega_ratio: Annotated[float | None, _unit("ratio", "net over gross vega", ge=-1, le=1)]
    net_premium_usd: Annotated[float | None, _unit("USD", "premium paid less premium received, given the likely side")]
    net_price_position: Annotated[float | None, _unit("ratio", "package price from its mid, in package half-spreads, buyer positive")]
    parity_residual_half_spreads: Annotated[
        float | None, _unit("half-spreads", "distance of a parity structure from its carry value", ge=0)
    ]
    structure_margin: Annotated[float | None, _unit("nats", "support of the structure over its runner-up", ge=0)]
    price_to_width: Annotated[float | None, _unit("ratio", "net price of one unit over the distance of its strikes", ge=0)]
    reconstruction_confidence: Annotated[float | None, _share("posterior probability that the prints belong together")]

    # event calendar
    trading_days_to_event: Annotated[int | None, _unit("sessions", "sessions to the next known corporate event, 0 today", ge=0)]
    expiry_days_after_event: Annotated[int | None, _unit("days", "calendar days from that event to the first traded expiry after it")]
    expiry_brackets_event: Annotated[bool | None, _unit("flag", "a traded expiry lies after the event")]
    pre_event_concentration: Annotated[float | None, _share("share of gross vega in the first traded expiry after the event")]
    scheduled_earnings: Annotated[bool | None, _unit("flag", "the next known event is an earnings report")]
    ex_dividend_next_session: Annotated[bool | None, _unit("flag", "the next session is an ex-dividend date")]
    days_from_monthly_expiry: Annotated[int | None, _unit("days", "calendar days between the session and the nearest third Friday", ge=0)]


FEATURE_NAMES: tuple[str, ...] = tuple(EventFeatures.model_fields)
