package main

import (
	"net/netip"

	"example.org/pdns/plugin/pkg/analysis"
)

// A kind is what names of a world are, and the verdicts that are right for it, the
// best first.
type kind struct {
	name  string
	right []analysis.Verdict
	hard  bool
	make  func(w *world, k *kind, each int)
}

func (k *kind) flux() bool {
	return k.right[0] == analysis.IsFlux || k.right[0] == analysis.IsDoubleFlux
}

var kinds = []kind{
	{"single flux", []analysis.Verdict{analysis.IsFlux}, false, singleFlux},
	{"double flux", []analysis.Verdict{analysis.IsDoubleFlux}, false, doubleFlux},
	{"slow flux", []analysis.Verdict{analysis.IsFlux}, true, slowFlux},
	{"flux in few networks", []analysis.Verdict{analysis.IsFlux}, true, fewNetworks},
	{"round robin of a hoster", []analysis.Verdict{analysis.IsStable}, false, roundRobin},
	{"global CDN", []analysis.Verdict{analysis.IsCDN}, false, globalCDN},
	{"anycast CDN", []analysis.Verdict{analysis.IsCDN, analysis.IsShared}, false, anycastCDN},
	{"CDN with new ranges", []analysis.Verdict{analysis.IsCDN, analysis.IsShared}, true, newRanges},
	{"cloud balancer", []analysis.Verdict{analysis.IsStable, analysis.IsCDN}, true, cloudBalancer},
	{"dynamic DNS", []analysis.Verdict{analysis.IsStable}, false, dynamicHome},
	{"pool of volunteers", []analysis.Verdict{analysis.IsStable}, true, volunteers},
	{"shared hosting", []analysis.Verdict{analysis.IsShared}, false, sharedHosting},
	{"parked", []analysis.Verdict{analysis.IsShared}, false, parked},
	{"stable", []analysis.Verdict{analysis.IsStable}, false, stableSite},
	{"one of a company's many", []analysis.Verdict{analysis.IsStable, analysis.IsShared}, true, portfolio},
	{"migrated", []analysis.Verdict{analysis.IsStable}, false, migrated},
	{"newborn phish", []analysis.Verdict{analysis.IsUnclear}, false, newborn},
}

// everydayHomes are names of people at home, so that some of the addresses that bots
// have were seen before.
func (w *world) everydayHomes() {
	for range 1500 {
		name := "host." + w.name("home")
		for _, at := range w.looks(w.begin, w.begin+year, 0.02) {
			w.address(at, name, 300, w.net.home())
		}
	}
}

// several are so many addresses of a system.
func (w *world) several(s *system, n int) (addrs []netip.Addr) {
	for range n {
		addrs = append(addrs, w.net.at(s, 0))
	}
	return addrs
}

// some are so many of the addresses, no two of one place.
func (w *world) some(addrs []netip.Addr, n int) (out []netip.Addr) {
	for _, i := range w.dice.Perm(len(addrs))[:min(n, len(addrs))] {
		out = append(out, addrs[i])
	}
	return out
}

// span is when a name lives: so many days within the year.
func (w *world) span(days float64) (from, until int64) {
	length := int64(days * day)
	from = w.begin + int64(w.dice.Float64()*float64(max(1, year-length)))
	return from, min(from+length, w.begin+year)
}

// met notes addresses of which maps are asked.
func (w *world) met(kind string, shared bool, addrs []netip.Addr) {
	for _, a := range addrs[:min(3, len(addrs))] {
		w.nodes = append(w.nodes, node{a.String(), kind, shared})
	}
}
