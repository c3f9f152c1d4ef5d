package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dustin/go-humanize/english"
)

// weigh lists the evidence about the name.
func (f *fluxer) weigh(r *FluxReport) {
	add := func(rule fluxRule, value float64, says string, args ...any) {
		r.Evidence = append(r.Evidence, rule.weigh(value, fmt.Sprintf(says, args...)))
	}
	p := &r.Addresses
	n, days := p.count(), float64(p.Watched)/aDay
	if n == 0 {
		return
	}
	// either adds what a figure says by one of two rules: the first, unless only the
	// other gives points.
	either := func(one, other fluxRule, value float64, says string, args ...any) {
		if one.weigh(value, "").Points == 0 && other.weigh(value, "").Points > 0 {
			one = other
		}
		add(one, value, says, args...)
	}
	f.weighPlaces(r, add, either)
	// What follows says how addresses change, where there are several.
	if n >= fluxAddresses && p.Watched > 0 {
		add(ruleLater, p.Later, "%s of the addresses came in the later half of %s", percent(p.Later), span(p.Watched))
		stay := float64(p.Stay) / float64(p.Watched)
		either(ruleStay, ruleReturn, stay, "the typical address was seen for %s of the time", percent(stay))
		add(ruleSettled, float64(p.Stay)/aDay, "the typical address was seen for %s", span(p.Stay))
		add(ruleOverlap, p.Overlap, "RRsets have %s of their addresses in common with the one before", percent(p.Overlap))
		if p.Later > 0 {
			add(ruleSame, p.SamePlaces, "%s of the later addresses are where earlier ones were", percent(p.SamePlaces))
			if p.SamePlaces >= 0.8 {
				add(ruleLong, days, "for %s", span(p.Watched))
			}
		}
		either(ruleArrivals, ruleRare, p.NewPerDay, "%.2g new addresses a day", p.NewPerDay)
		if f.single() {
			one := ruleSingleNetworks
			if p.By == "asn" {
				one = ruleSingleSystems
			}
			add(one, float64(p.places())/float64(n), "one address at a time, %s in %s", addresses(n), placesOf(p))
		}
	}
	if r.TTL != nil {
		add(ruleTTL, float64(r.TTL.Typical), "the typical TTL is %d s, the lowest %d s", r.TTL.Typical, r.TTL.Min)
	}
	if o := r.Others; o.Sample > 0 {
		if o.Known >= monthKnown {
			add(ruleFresh, float64(o.Age)/aDay, "%s", ageOf(o))
		}
		either(ruleAlone, ruleOthers, float64(o.Domains), "the typical address has %s", english.Plural(o.Domains, "other registered domain", ""))
	}
	if age := r.Last - r.Born; f.began != 0 && r.Born-f.began >= monthKnown {
		add(ruleYoung, float64(age)/aDay, "the name had been known for %s when it was last seen", span(age))
	}
	if r.Others.InRanges >= 0 {
		add(ruleRanges, r.Others.InRanges, "%s of the addresses are in ranges of CDNs and hosters", percent(r.Others.InRanges))
	}
	if a := f.largestOperator(); a != nil {
		more := ""
		if a.More {
			more = ", and more"
		}
		add(ruleOperator, float64(a.Domains), "it is an alias at %s, as are %s%s", a.Operator, english.Plural(a.Domains, "other registered domain", ""), more)
	}
	if s := r.Servers; s != nil && s.Addresses.count() > 0 {
		churn := 0.0
		if f.serversFlux(s) {
			churn = 1
		}
		add(ruleServers, churn, "its %s had %s in %s", english.Plural(s.Names, "name server", ""),
			addresses(s.Addresses.count()), placesOf(&s.Addresses))
	}
	if h := r.Holz; h != nil && (h.Found >= knownEnough || h.Score > h.Threshold) {
		e := ruleHolz.weigh(h.Score, fmt.Sprintf("the score of Holz is %.1f, flux above %.2f; the origin of %s of the A records is known", h.Score, h.Threshold, percent(h.Found)))
		r.Evidence = append(r.Evidence, e)
	}
}

// weighPlaces lists the evidence about where addresses are.
func (f *fluxer) weighPlaces(r *FluxReport, add func(fluxRule, float64, string, ...any), either func(one, other fluxRule, value float64, says string, args ...any)) {
	p := &r.Addresses
	n, places := p.count(), p.places()
	many, dense := ruleNetworks, ruleDenseNetworks
	if p.By == "asn" {
		many, dense = ruleSystems, ruleDenseSystems
	}
	add(many, float64(places), "%s in %s", addresses(n), placesOf(p))
	if n >= fluxAddresses {
		each := float64(n) / float64(places)
		either(ruleSpread, dense, each, "%.1f addresses a place", each)
	}
}

func addresses(n int) string { return english.Plural(n, "address", "addresses") }

// ageOf says how long addresses had been known.
func ageOf(o *FluxOthers) string {
	if o.Age == 0 {
		return "the typical address had not been seen before"
	}
	return "the typical address had been known for " + span(o.Age)
}

// placesOf says in how many places addresses are.
func placesOf(p *Footprint) string {
	if p.By == "asn" {
		return english.Plural(p.ASNs, "autonomous system", "")
	}
	return english.Plural(p.Networks, "network", "") + " (/16, /32: a proxy)"
}

// single reports whether the name has one address at a time.
func (f *fluxer) single() bool {
	for i := range f.own.looks {
		if len(f.own.looks[i].members) > 1 {
			return false
		}
	}
	return true
}

// largestOperator is the alias whose operator serves most others; nil if there is none.
func (f *fluxer) largestOperator() (most *FluxAlias) {
	for i := range f.aliases {
		if a := &f.aliases[i]; a.Domains > 0 && (most == nil || a.Domains > most.Domains) {
			most = a
		}
	}
	return most
}

// serversFlux reports whether the addresses of name servers change as those of a
// fast-flux network do.
func (f *fluxer) serversFlux(s *FluxServers) bool {
	p := &s.Addresses
	return p.count() >= serverAddresses && p.places() >= serverPlaces && p.Watched > 0 &&
		p.NewPerDay >= fluxPerDay && p.Later >= serverLater && p.SamePlaces <= serverSame && float64(p.Stay) <= serverStay*float64(p.Watched)
}

// sortEvidence orders it by sign, then what counts most.
func sortEvidence(all []Evidence) {
	signs := []Sign{For, Against, Neither}
	slices.SortStableFunc(all, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(slices.Index(signs, a.Sign), slices.Index(signs, b.Sign)), cmp.Compare(b.Points, a.Points))
	})
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

// span is a length of time in the unit that suits it.
func span(seconds int64) string {
	switch {
	case seconds >= 2*aDay:
		return english.Plural(int(seconds/aDay), "day", "")
	case seconds >= 2*3600:
		return english.Plural(int(seconds/3600), "hour", "")
	}
	return english.Plural(int(seconds/60), "minute", "")
}
