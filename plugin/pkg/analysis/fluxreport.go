package analysis

// A Verdict says what a name is taken for.
type Verdict string

// The verdicts. How they come about is said at FluxReport.
const (
	IsFlux       Verdict = "flux"        // its addresses change as those of a fast-flux network do
	IsDoubleFlux Verdict = "double-flux" // and so do those of its name servers
	IsCDN        Verdict = "cdn"         // it is served by a content delivery network
	IsShared     Verdict = "shared"      // its addresses serve many others: hosting, parking
	IsStable     Verdict = "stable"      // none of these
	IsUnclear    Verdict = "unclear"     // too little was seen, or the signs contradict each other
)

// Verdicts are all verdicts, in the order in which a hunter looks at them.
func Verdicts() []Verdict {
	return []Verdict{IsDoubleFlux, IsFlux, IsUnclear, IsStable, IsShared, IsCDN}
}

// A FluxReport is what a name is taken for, and why. As JSON it is one object with the
// keys below; times are Unix seconds, lengths of time are seconds.
//
// Evidence for and against flux adds up to Score. A name is flux from Threshold on, if
// it had enough addresses in more than one place; double-flux if the addresses of its
// name servers change in the same way. Of the others, a name is cdn whose addresses lie
// in Ranges or that is an alias of what serves many; shared, whose addresses serve
// many; unclear, of which less was seen than Lacks says or whose Score is near
// Threshold; and else stable. All figures that decide are choices, and stand with
// their reasons in fluxrules.go.
type FluxReport struct {
	Name  string `json:"rrname"`
	Since int64  `json:"since,omitempty"` // the window that was asked for
	Until int64  `json:"until,omitempty"`
	Seen         // of addresses and aliases, in the window
	Born  int64  `json:"born"` // when the name was first seen, in the window or before; 0: never

	Verdict   Verdict `json:"verdict"`
	Because   string  `json:"because"`   // what decided, in a sentence
	Score     float64 `json:"score"`     // points for flux less those against
	Threshold float64 `json:"threshold"` // the score that flux has at least
	// Lacks says what would make a better verdict, if anything: more time, more
	// sightings, a database of origins.
	Lacks []string `json:"lacks"`
	// Evidence is all that was weighed, for flux, against, then what says nothing.
	Evidence []Evidence `json:"evidence"`

	Addresses Footprint    `json:"addresses"`
	TTL       *FluxTTL     `json:"ttl,omitempty"` // where one was seen
	Others    *FluxOthers  `json:"others,omitempty"`
	Aliases   []FluxAlias  `json:"aliases"`
	Servers   *FluxServers `json:"servers,omitempty"` // where some were seen
	Holz      *HolzScore   `json:"holz,omitempty"`    // with a database of origins only

	// Cut is what the bounds left out, records, aliases, servers, sample or time; empty:
	// nothing. Of the sample Links is how many addresses it was not asked of who else
	// had them.
	Cut []Cut `json:"cut"`
	// Incomplete, if not empty, says which part of the history could not be read.
	Incomplete string `json:"incomplete,omitempty"`
}

// Evidence is one figure that was weighed.
type Evidence struct {
	Sign  Sign    `json:"sign"`
	What  string  `json:"what"`  // which figure: the rules in fluxrules.go have them all
	Value float64 `json:"value"` // in the unit that Says has
	// None is the value that counts for nothing, Full that from which all of Weight
	// counts; between them Points grow evenly. Equal, they are a threshold.
	None   float64 `json:"none"`
	Full   float64 `json:"full"`
	Weight float64 `json:"weight"`
	Points float64 `json:"points"`
	Says   string  `json:"says"`
}

// A Sign says what evidence speaks for.
type Sign string

// The signs of evidence.
const (
	For     Sign = "for"     // flux
	Against Sign = "against" // flux
	Neither Sign = "neither" // no points
)

// A Footprint is how many addresses something had, where, and how they changed. It
// goes by the slices of the store: what changed and changed back inside one of them
// stood side by side as far as it tells.
type Footprint struct {
	IPv4    int   `json:"ipv4"`    // different addresses of this family
	IPv6    int   `json:"ipv6"`    // and of this
	RRsets  int   `json:"rrsets"`  // different sets of them
	Watched int64 `json:"watched"` // from the first time it was seen to the last

	// Networks are /16 of IPv4 and /32 of IPv6. They are a proxy for autonomous systems
	// and no more.
	Networks int `json:"networks"`
	// ASNs are different autonomous systems, and Known how many of the addresses were
	// found in the database; -1 without one.
	ASNs  int `json:"asns"`
	Known int `json:"asn_known"`
	// Systems are those with the most addresses, at most ten.
	Systems []FluxSystem `json:"systems,omitempty"`
	// By is what counts as a place: asn, if nine of ten addresses are known, else
	// network.
	By string `json:"by"`

	// NewPerDay is addresses that were not there from the start, by days watched, at
	// least one. From the start were those of the first hour of each owner and type,
	// where the owner is the name itself, or an alias or a name server of its first hour.
	NewPerDay float64 `json:"new_per_day"`
	// Later is the share of addresses that came in the later half of the time, and
	// SamePlaces the share of these in places that were there before; 1 if there are
	// none.
	Later      float64 `json:"later"`
	SamePlaces float64 `json:"same_places"`
	Overlap    float64 `json:"overlap"` // mean of Jaccard's index of RRsets that follow each other; 1 where none does
	Stay       int64   `json:"stay"`    // median from the first to the last time of an address
	// Growth is new addresses by day, of more than 62 days by month, without those that
	// had none.
	Growth []Growth `json:"growth"`
}

// Growth is how many addresses were new on a day or in a month.
type Growth struct {
	When string `json:"when"` // as 2019-08-01 or 2019-08
	New  int    `json:"new"`
}

// A FluxSystem is an autonomous system.
type FluxSystem struct {
	Number       uint32 `json:"asn"`
	Organisation string `json:"organisation"`
	Addresses    int    `json:"addresses"`
}

// A FluxTTL is the lowest TTL that was seen, and the median by sightings of the highest
// of each slice, in seconds.
type FluxTTL struct {
	Min     uint32 `json:"min"`
	Typical uint32 `json:"typical"`
}

// FluxOthers is what others had of the addresses of a name, of Sample of them.
type FluxOthers struct {
	Sample  int   `json:"sample"`  // addresses
	Domains int   `json:"domains"` // median of other registered domains at one, up to FluxBounds.Count records
	Most    int   `json:"most"`    // the highest
	Age     int64 `json:"age"`     // median of how long the history had known an address when the name first had it
	// Known is how long the history had been kept when the name was first seen: no
	// age can be higher.
	Known int64 `json:"known"`
	// InRanges is the share of all addresses in networks of CDNs and hosters; -1
	// without these.
	InRanges float64 `json:"in_ranges"`
	Ranges   string  `json:"ranges,omitempty"` // the label of most of these
}

// A FluxAlias is a name that the name led to by CNAME.
type FluxAlias struct {
	Name string `json:"name"`
	Seen
	// Operator is what the alias lies in: a registered domain, or a public suffix that
	// somebody has as his own. Domains is how many others have an alias there.
	Operator string `json:"operator"`
	Domains  int    `json:"domains"`
	More     bool   `json:"more,omitempty"` // there are more than were counted

	wire []byte
}

// FluxServers are the name servers of the nearest zone of which any were seen.
type FluxServers struct {
	Zone  string `json:"zone"`
	Names int    `json:"names"` // different servers
	Sets  int    `json:"sets"`  // different sets of them
	// NewPerDay is servers that were not there at first, by days watched, at least one.
	NewPerDay float64   `json:"new_per_day"`
	Read      int       `json:"read"` // of how many the addresses were read
	Addresses Footprint `json:"addresses"`
}

// HolzScore is the flux-score of Holz, Gorecki, Rieck and Freiling (Measuring and
// Detecting Fast-Flux Service Networks, NDSS 2008): 1.32 times the number of different
// A records over all look-ups and 18.54 times that of their autonomous systems; the
// number of name servers got no weight. More than 142.38 is flux. It was fitted to
// 2007, to A records alone, and to active look-ups: here those of the whole window
// count.
type HolzScore struct {
	Score     float64 `json:"score"`
	Threshold float64 `json:"threshold"`
	Addresses int     `json:"addresses"` // A records
	ASNs      int     `json:"asns"`
	// Found is the share of the addresses whose autonomous system is known. Below 1
	// the score is the lowest possible.
	Found float64 `json:"found"`
}
