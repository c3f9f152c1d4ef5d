package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"

	"example.org/pdns/plugin/pkg/rrset"
)

// report measures what was read, and judges it.
func (f *fluxer) report() *FluxReport {
	r := &FluxReport{
		Name: rrset.NameString(f.q.Name), Since: f.window.Since, Until: f.window.Until, Seen: f.all, Born: f.born,
		Threshold: fluxScore, Lacks: []string{}, Evidence: []Evidence{}, Aliases: f.aliases, Cut: []Cut{},
	}
	r.Addresses = f.footprint(f.own, f.all.First)
	r.TTL = f.own.ttl()
	r.Others = f.others()
	r.Servers = f.serversReport()
	r.Holz = f.holz()
	f.weigh(r)
	for _, e := range r.Evidence {
		switch e.Sign {
		case For:
			r.Score += e.Points
		case Against:
			r.Score -= e.Points
		}
	}
	r.Score = math.Round(r.Score*100) / 100
	sortEvidence(r.Evidence)
	f.judge(r)
	for _, c := range f.cuts.all {
		r.Cut = append(r.Cut, *c)
	}
	if f.damage != nil {
		r.Incomplete = f.damage.Error()
	}
	return r
}

// others sums up what others had of the addresses.
func (f *fluxer) others() *FluxOthers {
	o := &FluxOthers{Sample: len(f.neighbour), InRanges: -1}
	var domains []int
	var ages []int64
	for _, n := range f.neighbour {
		domains, ages, o.Most = append(domains, n.domains), append(ages, n.age), max(o.Most, n.domains)
	}
	o.Domains, o.Age = median(domains), median(ages)
	if f.began != 0 {
		o.Known = max(0, f.all.First-f.began)
	}
	if f.q.Ranges == nil || len(f.own.addrs) == 0 {
		return o
	}
	labels := map[string]int{}
	in := 0
	for i := range f.own.addrs {
		if label := f.q.Ranges.Label(AddressKey(f.own.addrs[i].addr).net); label != "" {
			in++
			labels[label]++
		}
	}
	o.InRanges = float64(in) / float64(len(f.own.addrs))
	for label, n := range labels {
		if most := labels[o.Ranges]; n > most || n == most && label < o.Ranges {
			o.Ranges = label
		}
	}
	return o
}

func (f *fluxer) serversReport() *FluxServers {
	n := &f.named
	if n.zone == nil {
		return nil
	}
	s := &FluxServers{Zone: rrset.NameString(n.zone), Names: len(n.names), Sets: len(n.sets), Read: n.read}
	var all Seen
	for _, seen := range n.names {
		all.Add(seen)
	}
	s.Addresses = f.footprint(f.servers, all.First)
	later := 0
	for _, seen := range n.names {
		if seen.First > all.First+startSlack {
			later++
		}
	}
	s.NewPerDay = float64(later) / max(1, float64(all.Last-all.First)/aDay)
	return s
}

// judge comes to a verdict.
func (f *fluxer) judge(r *FluxReport) {
	p := &r.Addresses
	enough := p.count() >= fluxAddresses && p.RRsets >= fluxRRsets && p.places() >= fluxPlaces && p.NewPerDay >= fluxPerDay && p.Stay < fluxStay
	proxies := p.By == "network" && p.places() < fluxNetworks
	f.lack(r)
	short := len(r.Lacks) > 0
	if f.q.Origins == nil && p.count() >= fluxAddresses {
		r.Lacks = append(r.Lacks, "a database of autonomous systems: networks are a proxy")
	}
	decide := func(v Verdict, because string, args ...any) { r.Verdict, r.Because = v, fmt.Sprintf(because, args...) }
	switch operator := f.largestOperator(); {
	case r.Count == 0:
		decide(IsUnclear, "it was not seen")
	case p.count() == 0 && operator == nil:
		decide(IsUnclear, "no addresses of it were seen")
	case enough && !proxies && r.Score >= fluxScore && r.Servers != nil && f.serversFlux(r.Servers):
		decide(IsDoubleFlux, "the score is %.2f, flux from %v, and its name servers had %s in %s", r.Score, fluxScore, addresses(r.Servers.Addresses.count()), placesOf(&r.Servers.Addresses))
	case enough && !proxies && r.Score >= fluxScore:
		decide(IsFlux, "the score is %.2f, flux from %v", r.Score, fluxScore)
	case operator != nil && operator.Domains >= operatorDomains:
		decide(IsCDN, "it is an alias at %s, as are %s other registered domains; %d are enough", operator.Operator, humanize.Comma(int64(operator.Domains)), operatorDomains)
	case r.Others.InRanges >= inRanges && (p.count() >= cdnAddresses || len(f.aliases) > 0):
		decide(IsCDN, "%s of its %s are in %s; %s are enough", percent(r.Others.InRanges), addresses(p.count()), r.Others.Ranges, percent(inRanges))
	case r.Others.Domains >= manyDomains && p.count() >= 2*fluxAddresses && p.places() >= fluxPlaces:
		decide(IsCDN, "half of its addresses, in %s, each have %s other registered domains or more; %d are enough", placesOf(p), humanize.Comma(int64(r.Others.Domains)), manyDomains)
	case r.Others.Domains >= manyDomains:
		decide(IsShared, "half of its addresses each have %s other registered domains or more; %d are enough", humanize.Comma(int64(r.Others.Domains)), manyDomains)
	case enough && proxies && r.Score >= fluxScore:
		decide(IsUnclear, "the score is %.2f, flux from %v, but %d networks may be of one provider; from %d on they would not be", r.Score, fluxScore, p.places(), fluxNetworks)
	case enough && r.Score >= doubtScore:
		decide(IsUnclear, "the score is %.2f: flux from %v, doubtful from %v", r.Score, fluxScore, float64(doubtScore))
	case short:
		decide(IsUnclear, "too little was seen")
	case !enough:
		decide(IsStable, "%s in %s, %.2g new a day: they are too few or change too little to be flux", addresses(p.count()), placesOf(p), p.NewPerDay)
	default:
		decide(IsStable, "the score is %.2f, doubtful from %v, with %s in %s", r.Score, float64(doubtScore), addresses(p.count()), placesOf(p))
	}
}

// lack notes what was not seen enough of.
func (f *fluxer) lack(r *FluxReport) {
	if days := (r.Last - r.First) / aDay; days < watchedDays {
		r.Lacks = append(r.Lacks, fmt.Sprintf("time: seen for %s, want %d days", span(r.Last-r.First), watchedDays))
	}
	if r.Count < sightings {
		r.Lacks = append(r.Lacks, fmt.Sprintf("sightings: %d, want %d", r.Count, sightings))
	}
	if slices.ContainsFunc(f.cuts.all, func(c *Cut) bool { return c.At == "records" || c.At == "time" }) {
		r.Lacks = append(r.Lacks, "the whole history: a bound ended the reading")
	}
}
