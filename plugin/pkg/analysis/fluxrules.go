package analysis

// All figures that decide what a name is taken for. Those of Holz were fitted by their
// authors; the others are choices. They were made from what is known of fast flux and
// of CDNs, and looked at again on the made-up histories of test/bench/verdicts, by
// other seeds than those whose figures are told; they were not tried on real names that
// somebody has labelled. Each says why.
const (
	holzA, holzASN, holzThreshold = 1.32, 18.54, 142.38

	// fluxScore is the score from which a name is flux. It takes two of the strongest
	// signs, many places, steady turnover and the score of Holz, and little against it.
	fluxScore = 4.0
	// doubtScore is the score from which a name that had the addresses of one is unclear.
	doubtScore = 2.0
	// What has fewer addresses, sets of them or places than these, or got fewer new
	// addresses a day, one a week, or has kept half of them for longer, is no flux
	// network, whatever else speaks for one: it is how the word is meant.
	fluxAddresses, fluxRRsets, fluxPlaces = 6, 3, 2
	fluxPerDay                            = 1.0 / 7
	fluxStay                              = 30 * aDay
	// fluxNetworks is that of places where only networks are known: providers have
	// several. What has fewer and the score of flux is unclear.
	fluxNetworks = 8

	// Addresses of name servers: a zone has two to four servers of one or two
	// addresses each, in one to four places, and these stay for years. More and
	// younger ones than these are flux of the servers.
	serverAddresses, serverPlaces = 8, 4
	serverLater                   = 0.25
	serverSame                    = 0.7 // share of later addresses in places known before
	serverStay                    = 0.5 // of the time watched

	// manyDomains is how many other registered domains there are at what is shared. A
	// company has a dozen or two; hosting begins there. It is far below what has Map
	// not follow a node, since a verdict only says so.
	manyDomains = 40
	// operatorDomains is how many others have an alias at a CDN. Few companies have
	// that many domains of their own.
	operatorDomains = 30
	// inRanges is the share of addresses in Ranges from which they tell who serves.
	inRanges = 0.5
	// cdnAddresses tells a CDN from one hosted machine.
	cdnAddresses = 4

	// monthKnown is how long the history must have been kept to say what is new to it.
	monthKnown = 30 * aDay

	// A name is stable that was watched for so many days and sightings: a flux network
	// shows itself within its TTL, but only to who looks.
	watchedDays, sightings = 7, 5
)

// A fluxRule turns a figure into points.
type fluxRule struct {
	what       string
	sign       Sign
	weight     float64
	none, full float64 // see Evidence
}

// The rules. Figures by place are given for autonomous systems and for networks, of
// which one system has several.
var (
	// Bots live where their owners do; who hosts chooses one or two providers.
	ruleSystems  = fluxRule{"places", For, 3, 3, 10}
	ruleNetworks = fluxRule{"places", For, 3, 5, 20}
	// A CDN in many places has several addresses in each.
	ruleSpread = fluxRule{"spread", For, 1, 6, 2}
	// New addresses go on coming, as bots do; a pool has shown its all after a while.
	// Evenly they would come to a half.
	ruleLater = fluxRule{"turnover", For, 2, 0.1, 0.35}
	// How many are new each day. Somebody's line at home has one; a cloud changes more.
	ruleArrivals = fluxRule{"new a day", For, 1, 1, 6}
	// A bot is switched off in the evening.
	ruleStay = fluxRule{"stay", For, 1, 0.5, 0.15}
	// Answers that follow each other have little in common.
	ruleOverlap = fluxRule{"overlap", For, 1, 0.6, 0.2}
	// Flux needs short TTLs; but so do CDNs and every name that balances load.
	ruleTTL = fluxRule{"ttl", For, 0.5, 3600, 600}
	// The history did not know the addresses before, in days: nothing was ever hosted
	// there.
	ruleFresh = fluxRule{"address age", For, 1, 14, 1}
	// Nobody else is there, or only the other names of the same swindle.
	ruleAlone = fluxRule{"others", For, 1, 20, 4}
	// Domains of swindles are young, in days; but so is every new domain.
	ruleYoung = fluxRule{"name age", For, 0.5, 90, 21}
	// Name servers that change as well are seen nowhere else.
	ruleServers = fluxRule{"servers", For, 1.5, 1, 1}
	// A threshold of their own, so half the weight at it would make no sense.
	ruleHolz = fluxRule{"holz", For, 2, holzThreshold, holzThreshold}

	// Somebody has said who is there.
	ruleRanges = fluxRule{"ranges", Against, 4, 0.2, 0.8}
	// Addresses a place: what is paid for comes by the dozen.
	ruleDenseSystems  = fluxRule{"density", Against, 2, 5, 20}
	ruleDenseNetworks = fluxRule{"density", Against, 2, 4, 15}
	// What is new is where the old was.
	ruleSame = fluxRule{"same places", Against, 2.5, 0.5, 0.95}
	// That for long, in days: bots' places change with the seasons.
	ruleLong = fluxRule{"long in them", Against, 1, 30, 180}
	// Addresses come again: they belong to the name.
	ruleReturn = fluxRule{"addresses stay", Against, 2, 0.4, 0.8}
	// They have been there for longer than a bot is on, in days.
	ruleSettled = fluxRule{"days of stay", Against, 3, 14, 45}
	// New ones a day: a name that moves is no flux.
	ruleRare = fluxRule{"rarely new", Against, 2, 0.3, 0.1}
	// Others are there, more than one swindle has names.
	ruleOthers = fluxRule{"others", Against, 3, 25, 100}
	// It is an alias of what serves others as well, and so are its addresses theirs.
	ruleOperator = fluxRule{"alias", Against, 5, 10, operatorDomains}
	// One address at a time, and few places by address, is somebody's line at home. Of
	// networks his provider has more than one thinks.
	ruleSingleSystems  = fluxRule{"one at a time", Against, 1.5, 0.35, 0.15}
	ruleSingleNetworks = fluxRule{"one at a time", Against, 3.5, 0.8, 0.4}
)

// weigh makes evidence of a figure.
func (r fluxRule) weigh(value float64, says string) Evidence {
	e := Evidence{Sign: r.sign, What: r.what, Value: value, None: r.none, Full: r.full, Weight: r.weight, Says: says}
	share := 0.0
	switch {
	case r.full > r.none:
		share = (value - r.none) / (r.full - r.none)
	case r.full < r.none:
		share = (r.none - value) / (r.none - r.full)
	case value >= r.full:
		share = 1
	}
	if e.Points = r.weight * max(0, min(1, share)); e.Points == 0 {
		e.Sign = Neither
	}
	return e
}
