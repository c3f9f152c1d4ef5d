package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"time"
)

const (
	mostDays    = 62  // of which growth is told by day
	mostSystems = 10  // that are listed
	knownEnough = 0.9 // share of addresses, so that places are autonomous systems
	aDay        = 86400
)

// proxy is the network that stands for an autonomous system where these are not known.
func proxy(a netip.Addr) string {
	bits := 16
	if a.Is6() {
		bits = 32
	}
	p, _ := a.Prefix(bits) // no address has fewer
	return p.String()
}

// footprint measures a trail of what was first seen at some time.
func (f *fluxer) footprint(t *trail, began int64) Footprint {
	out := Footprint{RRsets: len(t.sets), ASNs: -1, Known: -1, By: "network", SamePlaces: 1, Overlap: 1, Growth: []Growth{}}
	all := t.all()
	out.Watched = all.Last - all.First
	networks, systems := map[string]bool{}, map[uint32]*FluxSystem{}
	known := 0
	for i := range t.addrs {
		a := t.addrs[i].addr
		if a.Is4() {
			out.IPv4++
		} else {
			out.IPv6++
		}
		networks[proxy(a)] = true
		o, ok := f.origins[a]
		if !ok {
			continue
		}
		known++
		if systems[o.Number] == nil {
			systems[o.Number] = &FluxSystem{Number: o.Number, Organisation: o.Organisation}
		}
		systems[o.Number].Addresses++
	}
	out.Networks = len(networks)
	if f.q.Origins != nil {
		out.ASNs, out.Known = len(systems), known
		out.Systems = largest(systems)
		if known > 0 && float64(known) >= knownEnough*float64(len(t.addrs)) {
			out.By = "asn"
		}
	}
	if mean, ok := t.overlap(); ok {
		out.Overlap = mean
	}
	f.change(&out, t, all, t.present(began))
	return out
}

// largest are the systems with the most addresses.
func largest(systems map[uint32]*FluxSystem) (out []FluxSystem) {
	for _, s := range systems {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b FluxSystem) int {
		return cmp.Or(cmp.Compare(b.Addresses, a.Addresses), cmp.Compare(a.Number, b.Number))
	})
	return out[:min(len(out), mostSystems)]
}

// place is where an address is, by what a footprint goes by.
func (f *fluxer) place(by string, a netip.Addr) string {
	if o, ok := f.origins[a]; ok && by == "asn" {
		return fmt.Sprint("AS", o.Number)
	}
	return proxy(a)
}

// places counts where the addresses are.
func (p *Footprint) places() int {
	if p.By == "asn" {
		return p.ASNs
	}
	return p.Networks
}

func (p *Footprint) count() int { return p.IPv4 + p.IPv6 }

// change measures what came when, and how long it stayed. What was present from the
// start did not come.
func (f *fluxer) change(out *Footprint, t *trail, all Seen, present []bool) {
	if len(t.addrs) == 0 {
		return
	}
	middle := all.First + (all.Last-all.First)/2
	before := map[string]bool{}
	var stays []int64
	var later []netip.Addr
	came := 0
	for i := range t.addrs {
		a := &t.addrs[i]
		stays = append(stays, a.seen.Last-a.seen.First)
		if !present[i] {
			came++
		}
		if !present[i] && a.seen.First > middle {
			later = append(later, a.addr)
		} else {
			before[f.place(out.By, a.addr)] = true
		}
	}
	same := 0
	for _, a := range later {
		if before[f.place(out.By, a)] {
			same++
		}
	}
	out.Stay = median(stays)
	out.Later = float64(len(later)) / float64(len(t.addrs))
	if len(later) > 0 {
		out.SamePlaces = float64(same) / float64(len(later))
	}
	out.NewPerDay = float64(came) / max(1, float64(out.Watched)/aDay)
	out.Growth = growth(t, out.Watched)
}

// growth counts new addresses by day or month.
func growth(t *trail, watched int64) []Growth {
	layout := time.DateOnly
	if watched > mostDays*aDay {
		layout = "2006-01"
	}
	by := map[string]int{}
	for i := range t.addrs {
		by[time.Unix(t.addrs[i].seen.First, 0).UTC().Format(layout)]++
	}
	out := []Growth{}
	for _, when := range slices.Sorted(maps.Keys(by)) {
		out = append(out, Growth{when, by[when]})
	}
	return out
}

// median is the lower of the two in the middle; 0 of none.
func median[N cmp.Ordered](all []N) (m N) {
	if len(all) == 0 {
		return m
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

// holz is the score of an autonomous system for each A record, where these are known.
func (f *fluxer) holz() *HolzScore {
	if f.q.Origins == nil {
		return nil
	}
	h := &HolzScore{Threshold: holzThreshold}
	systems := map[uint32]bool{}
	found := 0
	for i := range f.own.addrs {
		a := f.own.addrs[i].addr
		if !a.Is4() {
			continue
		}
		h.Addresses++
		if o, ok := f.origins[a]; ok {
			found++
			systems[o.Number] = true
		}
	}
	if found == 0 {
		return nil
	}
	h.ASNs, h.Found = len(systems), float64(found)/float64(h.Addresses)
	h.Score = math.Round(100*(holzA*float64(h.Addresses)+holzASN*float64(h.ASNs))) / 100
	return h
}
