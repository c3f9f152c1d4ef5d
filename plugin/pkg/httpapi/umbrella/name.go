package umbrella

import (
	"errors"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/period"
	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// ofName answers with the periods of a name.
func ofName(x *dialect.Exchange, name []byte, types []uint16) error {
	q := store.Query{Subject: store.Owner(name), Types: types, Fences: window(x), Slices: true}
	c := period.Collector{Gap: day}
	o := x.Find(&ask.Query{Query: q}, c.Add)
	if errors.Is(o.Err, period.ErrTooMany) {
		return dialect.Bad("%v: ask /api/v1/lookup for single RRsets", period.ErrTooMany)
	}
	if o.Err != nil {
		return o.Err
	}
	periods := period.Join(c.Periods())
	h, err := historyOf(x, name, periods)
	if err != nil {
		return err
	}
	given := periods
	if limit := x.Limit(0); limit > 0 && len(periods) > limit {
		given = periods[:limit]
	}
	a := x.Array(`{"rrs_tf":[`)
	for i := range given {
		if err := a.Add(func(dst []byte) []byte { return appendPeriod(dst, name, &given[i]) }); err != nil {
			return err
		}
	}
	return a.End(nil, func(dst []byte) []byte { return appendFeatures(append(dst, ']'), h, len(given) < len(periods)) })
}

func appendPeriod(dst, name []byte, p *period.Period) []byte {
	dst = append(dst, `{"first_seen":"`...)
	dst = time.Unix(p.First, 0).UTC().AppendFormat(dst, time.DateOnly)
	dst = append(dst, `","last_seen":"`...)
	dst = time.Unix(p.Last, 0).UTC().AppendFormat(dst, time.DateOnly)
	dst = append(dst, `","rrs":[`...)
	for i, rdata := range p.Rdata {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = cof.AppendName(append(dst, `{"name":`...), name)
		dst = strconv.AppendUint(append(dst, `,"ttl":`...), uint64(p.TTLMax), 10)
		dst = cof.AppendString(append(dst, `,"class":"IN","type":`...), rrset.TypeString(p.Type))
		dst = append(cof.AppendRdata(append(dst, `,"rr":`...), p.Type, rdata), '}')
	}
	return append(dst, `]}`...)
}

// A history is the features of a name. What nobody knows here stays empty.
type history struct {
	Age            int64      `json:"age"` // days
	TTLMin         uint32     `json:"ttls_min"`
	TTLMax         uint32     `json:"ttls_max"`
	TTLMean        float64    `json:"ttls_mean"`
	TTLMedian      float64    `json:"ttls_median"`
	TTLDeviation   float64    `json:"ttls_stddev"`
	Countries      []string   `json:"country_codes"`
	CountryCount   int        `json:"country_count"`
	ASNs           []int      `json:"asns"`
	ASNCount       int        `json:"asns_count"`
	Prefixes       []string   `json:"prefixes"`
	PrefixCount    int        `json:"prefixes_count"`
	Addresses      int        `json:"rips"`
	PrefixRatio    float64    `json:"div_rips"`
	Locations      []struct{} `json:"locations"`
	LocationCount  int        `json:"locations_count"`
	DistanceSum    float64    `json:"geo_distance_sum"`
	DistanceMean   float64    `json:"geo_distance_mean"`
	NonRoutable    bool       `json:"non_routable"`
	MailExchanger  bool       `json:"mail_exchanger"`
	Alias          bool       `json:"cname"`
	FluxCandidate  bool       `json:"ff_candidate"`
	Stability      float64    `json:"rips_stability"`
	BaseDomain     string     `json:"base_domain"`
	IsBelowTheBase bool       `json:"is_subdomain"`
}

func historyOf(x *dialect.Exchange, name []byte, periods []period.Period) (*history, error) {
	base := rrset.Suffix(name, min(registered.SuffixLabels(name)+1, rrset.CountLabels(name)))
	h := &history{
		Countries: []string{}, ASNs: []int{}, Prefixes: []string{}, Locations: []struct{}{},
		Stability:      1 / max(float64(len(periods)-1), 1),
		BaseDomain:     strings.TrimSuffix(rrset.NameString(base), "."),
		IsBelowTheBase: len(name) > len(base),
	}
	for i := range periods {
		h.Age = max(h.Age, (x.Now.Unix()-periods[i].First)/day)
	}
	h.setTTLs(periods)
	h.setAddresses(periods)
	also := store.Query{Subject: store.Owner(name), Types: []uint16{dns.TypeMX, dns.TypeCNAME}, Fences: window(x)}
	o := x.Find(&ask.Query{Query: also}, func(r *rrset.RRset) error {
		h.MailExchanger = h.MailExchanger || r.Type == dns.TypeMX
		h.Alias = h.Alias || r.Type == dns.TypeCNAME
		return nil
	})
	return h, o.Err
}

func (h *history) setTTLs(periods []period.Period) {
	var ttls []uint32
	var sum, squares float64
	for i := range periods {
		if periods[i].Marks&rrset.HasTTL == 0 {
			continue
		}
		ttls = append(ttls, periods[i].TTLMax)
		sum += float64(periods[i].TTLMax)
	}
	n := len(ttls)
	if n == 0 {
		return
	}
	slices.Sort(ttls)
	h.TTLMin, h.TTLMax, h.TTLMean = ttls[0], ttls[n-1], sum/float64(n)
	h.TTLMedian = (float64(ttls[(n-1)/2]) + float64(ttls[n/2])) / 2
	for _, ttl := range ttls {
		squares += (float64(ttl) - h.TTLMean) * (float64(ttl) - h.TTLMean)
	}
	h.TTLDeviation = math.Sqrt(squares / float64(n))
}

// setAddresses counts addresses, and networks of the size that is routed at least.
func (h *history) setAddresses(periods []period.Period) {
	addresses, networks := map[netip.Addr]bool{}, map[netip.Addr]bool{}
	for i := range periods {
		if t := periods[i].Type; t != dns.TypeA && t != dns.TypeAAAA {
			continue
		}
		for _, rdata := range periods[i].Rdata {
			a, _ := netip.AddrFromSlice(rdata) // rdata of a store fits its type
			bits := 48
			if a.Is4() {
				bits = 24
			}
			network, _ := a.Prefix(bits)
			addresses[a], networks[network.Addr()] = true, true
			h.NonRoutable = h.NonRoutable || !a.IsGlobalUnicast() || a.IsPrivate()
		}
	}
	for _, network := range slices.SortedFunc(maps.Keys(networks), netip.Addr.Compare) {
		h.Prefixes = append(h.Prefixes, network.String())
	}
	h.Addresses, h.PrefixCount = len(addresses), len(networks)
	h.PrefixRatio = ratio(h.PrefixCount, h.Addresses)
}
