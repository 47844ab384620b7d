"""Every source, keyed once. A number without a key here does not load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One source: what it is, where it is, and how far we could check it."""

    key: str
    title: str
    where: str
    checked: str
    """`verified` (read in the source), `memory` (cited, not re-read), `measured` (our own measurement), `seed` (judgement)."""


_SOURCES: tuple[Source, ...] = (
    Source("SEED", "Judgement of the rule authors, no external source", "this project", "seed"),
    # signing, sizes and routing
    Source("SW2003", "Savickas and Wilson, On inferring the direction of option trades", "JFQA 2003; SSRN 295024", "verified"),
    Source("BILZ-THESIS", "Bilz, thesis on option trade classification: results and summary tables", "github KarelZe/thesis", "verified"),
    Source(
        "CHAK2012",
        "Chakravarty, Jain, Upson, Wood, Clean sweep: informed trading through intermarket sweep orders",
        "JFQA 2012",
        "verified",
    ),
    Source("TOTH2016", "Toth, Eisler, Bouchaud, The square-root impact law also holds for option markets", "arXiv 1602.03043", "verified"),
    Source("OPRA-SPEC", "OPRA binary participant interface specification: participants and message types", "OPRA", "memory"),
    Source(
        "OCC-2016", "Options Clearing Corporation, annual report 2016: contracts and premium per cleared trade", "theocc.com", "verified"
    ),
    # retail flow
    Source("NYSE-RETAIL-2023", "NYSE data insights on retail option trading, December 2023", "nyse.com", "verified"),
    Source(
        "BPS2023",
        "Bryzgalova, Pavlova, Sikorskaya, Retail trading in options and the rise of the big three wholesalers",
        "JF 2023",
        "verified",
    ),
    Source("EGRW2022", "Eaton, Green, Roseman, Wu, Retail option traders and the implied volatility surface", "SSRN 4104788", "verified"),
    Source("BM2023", "Bogousslavsky and Muravyev, An anatomy of retail option trading", "SSRN 4682388", "verified"),
    Source("BBG2023", "Beckmeyer, Branger, Gayda, Retail traders love 0DTE options... but should they?", "SSRN 4404704", "verified"),
    Source(
        "DSS2022",
        "de Silva, Smith, So, Losing is optional: retail option trading and expected announcement volatility",
        "SSRN 4050165",
        "verified",
    ),
    Source("CBOE-0DTE-2025", "Cboe notes on zero-day SPX options, 2023 and 2025", "cboe.com", "verified"),
    # information in option flow
    Source("PP2006", "Pan and Poteshman, The information in option volume for future stock prices", "RFS 2006", "verified"),
    Source("GLP2016", "Ge, Lin, Pearson, Why does the option to stock volume ratio predict stock returns?", "JFE 2016", "verified"),
    Source("HU2014", "Hu, Does option trading convey stock price information?", "JFE 2014", "verified"),
    Source(
        "WFMC",
        "Weinbaum, Fodor, Muravyev, Cremers, Option trading activity, news releases and stock return predictability",
        "SSRN 2544344",
        "verified",
    ),
    Source(
        "ABS2019",
        "Augustin, Brenner, Subrahmanyam, Informed options trading prior to takeover announcements",
        "Management Science 2019",
        "verified",
    ),
    Source("GXZ2018", "Gao, Xing, Zhang, Anticipating uncertainty: straddles around earnings announcements", "JFQA 2018", "verified"),
    # structures and volatility
    Source("LMP", "Li, Musto, Pearson, work on complex option orders and who uses them", "SSRN 4389657", "verified"),
    Source("FS2010", "Fahlenbrach and Sandas, Does information drive trading in option strategies?", "JBF 2010", "verified"),
    Source("CE2003", "Chaput and Ederington, Volatility trade design", "SSRN 313980", "verified"),
    Source("LLPP2007", "Lakonishok, Lee, Pearson, Poteshman, Option market activity", "RFS 2007", "verified"),
    Source(
        "BW2004", "Bollen and Whaley, Does net buying pressure affect the shape of implied volatility functions?", "JF 2004", "verified"
    ),
    Source("BTZ2009", "Bollerslev, Tauchen, Zhou, Expected stock returns and variance risk premia", "RFS 2009", "memory"),
    Source("CBOE-INDEX", "Cboe descriptions of the BXM buy-write and PUT put-write indexes", "cboe.com", "verified"),
    Source("OPTIONS-REGULATION", "ISE Options 3 rule text: complex and stock-option strategies, ratios", "Nasdaq ISE rulebook", "verified"),
    Source("HULL", "Hull, Options, futures and other derivatives: parity, definitions of the greeks", "Pearson", "memory"),
    # arbitrage
    Source("PSW2008", "Pool, Stoll, Whaley, Failure to exercise call options: an anomaly and a trading game", "JFM 2008", "verified"),
    Source("BOX-SPX", "Study of interest rates implied by SPX box trades", "arXiv 2604.19604", "verified"),
    Source("KRAUSE2019", "Krause, put-call parity with synchronised prices", "2019, as cited in the evidence base", "verified"),
    # hedging
    Source("BAL2021", "Baltussen, Da, Lammers, Martens, Hedging demand and market intraday momentum", "JFE 2021", "verified"),
    Source("DEV2024", "Dim, Eraker, Vilkov, 0DTEs: trading, gamma risk and volatility propagation", "SSRN 4692190", "verified"),
    Source(
        "LN2014", "Lemmon and Ni, Differences in trading and pricing between stock and index options", "Management Science 2014", "verified"
    ),
    Source("NYSE-2020", "NYSE data insights on option volume by trade type, 2020", "nyse.com", "verified"),
    # our own measurements
    Source(
        "CHANCE-GAP", "Chance of an unrelated print within a gap, 1 - exp(-rate x gap), and of an equal size", "this project", "measured"
    ),
    Source("CORRELATED-CUES", "Simulation of six correlated cues summed with and without family caps", "this project", "measured"),
    Source("SIZE-LAW", "Chance that two unrelated prints have one size, from an ISE-like size law", "this project", "measured"),
    Source("CHANCE-TABLE", "Table of the chance of an unrelated print within a gap, by rate", "this project", "measured"),
    # numbers and methods of pricing
    Source("GSU2023", "Grauer, Schuster, Uhrig-Homburg, Option trade classification", "SSRN 4098475", "verified"),
    Source("LR1991", "Lee and Ready, Inferring trade direction from intraday data", "JF 1991", "memory"),
    Source("BLACK1976", "Black, The pricing of commodity contracts", "JFE 1976", "memory"),
    Source("JAECKEL2006", "Jaeckel, By implication", "Wilmott 2006", "memory"),
    Source("JAECKEL2015", "Jaeckel, Let's be rational", "Wilmott 2015", "memory"),
    Source(
        "CM1996", "Corrado and Miller, A note on a simple, accurate formula to compute implied standard deviations", "JBF 1996", "memory"
    ),
    Source("SPLITMIX64", "Steele, Lea, Flood, Fast splittable pseudorandom number generators", "OOPSLA 2014", "memory"),
    Source("META-RULE", "Stop rule of a worked order: children within 15 minutes", "this project", "seed"),
    # sessions, expiries, clocks
    Source("NYSE-HOURS", "NYSE Group holiday and early-closing calendars, press releases", "nyse.com", "verified"),
    Source("OPT-LATE-CLOSE", "A broker's list of options that trade until 16:15", "Firstrade help centre, article 833", "verified"),
    Source("OCC-EXPIRY", "Expiry on a holiday moves to the session before", "Options Clearing Corporation", "memory"),
    Source("CONV-TRADING-YEAR", "Trading year of 252 sessions of 390 minutes", "market convention", "seed"),
    Source("CONV-ACT365", "Calendar clock of 365 days", "market convention", "seed"),
    # the synthetic market
    Source("AB1997", "Andersen and Bollerslev, Intraday periodicity and volatility persistence in financial markets", "JEF 1997", "memory"),
    Source("GJ2014", "Gatheral and Jacquier, Arbitrage-free SVI volatility surfaces", "Quantitative Finance 2014", "verified"),
    Source(
        "HBB2013",
        "Hardiman, Bercot, Bouchaud, Critical reflexivity in financial markets: a Hawkes process analysis",
        "EPJB 2013",
        "verified",
    ),
    Source("BERGOMI", "Bergomi, Smile dynamics: how implied volatility moves with the spot", "Risk 2004 to 2009", "memory"),
    Source("DJKS2019", "Dubinsky, Johannes, Kaeck, Seeger, Option pricing of earnings announcement risks", "RFS 2019", "memory"),
    Source("HB2014", "Hardiman and Bouchaud, Branching-ratio approximation for the self-exciting Hawkes process", "PRE 2014", "memory"),
    Source("LMF2005", "Lillo, Mike, Farmer, Theory for long memory in supply and demand", "PRE 2005", "memory"),
    Source("MURAVYEV2016", "Muravyev, Order flow and expected option returns", "JF 2016", "verified"),
    Source("NASDAQ-QQQ", "Nasdaq article on spreads of QQQ options", "nasdaq.com", "verified"),
    Source("HKR2025", "Hendershott, Khan, Riordan, Option auctions", "RFS 2025", "verified"),
    Source("LR1996", "Leisen and Reimer, Binomial models for option valuation", "Applied Mathematical Finance 1996", "memory"),
    Source("MIAX-2024", "Miami International Holdings, market shares September 2024", "miaxglobal.com", "verified"),
    Source("MP2020", "Muravyev and Pearson, Options trading costs are lower than you think", "RFS 2020", "verified"),
    Source("OIC-TICKS", "Minimum price variations of listed options, penny interval programme", "optionseducation.org", "verified"),
)

SOURCES: dict[str, Source] = {source.key: source for source in _SOURCES}


def source(key: str) -> Source:
    """Return the source under `key`. Raises `KeyError` that names the key when it is not listed."""
    try:
        return SOURCES[key]
    except KeyError:
        raise KeyError(f"no source is listed under {key!r}") from None
