package main

import (
	"maps"
	"slices"
	"testing"
)

// floors are what each trial has at least, on a seed by which no threshold was chosen
// and with fewer names than the figures that are told.
var floors = map[string]struct{ fluxRecall, fluxPrecision, doubleRecall, doublePrecision, right float64 }{
	"history alone":           {0.70, 0.75, 0.85, 0.85, 0.80},
	"with autonomous systems": {0.80, 0.90, 0.85, 0.85, 0.88},
	"with these and ranges":   {0.80, 0.90, 0.85, 0.85, 0.88},
}

// TestFloors: a change that makes verdicts worse fails here. -v tells what was wrong.
func TestFloors(t *testing.T) {
	w := newWorld(100, 6)
	s, err := w.store(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, g := range allGiven {
		r, err := w.try(t.Context(), s, g)
		if err != nil {
			t.Fatal(err)
		}
		floor := floors[g.name]
		for what, f := range map[string]struct{ got, least float64 }{
			"recall of flux":           {r.flux.recall(), floor.fluxRecall},
			"precision of flux":        {r.flux.precision(), floor.fluxPrecision},
			"recall of double-flux":    {r.double.recall(), floor.doubleRecall},
			"precision of double-flux": {r.double.precision(), floor.doublePrecision},
			"what is right":            {float64(r.right) / float64(r.of), floor.right},
		} {
			t.Logf("%s: %s is %.3f", g.name, what, f.got)
			if f.got < f.least {
				t.Errorf("%s: %s is %.3f, of at least %.2f", g.name, what, f.got, f.least)
			}
		}
		if t.Failed() {
			for _, m := range r.mistakes {
				t.Log(m)
			}
		}
	}
	for domains, least := range map[int]rate{40: {found: 70, wrong: 55}, 2000: {found: 5, wrong: 100}} { // percent
		all, _, err := w.sharing(t.Context(), s, domains, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("shared, of more than %d domains: recall %.3f, precision %.3f", domains, all.recall(), all.precision())
		if 100*all.recall() < float64(least.found) || 100*all.precision() < float64(least.wrong) {
			t.Errorf("shared, of more than %d domains: recall %.3f, precision %.3f, of at least %+v percent", domains, all.recall(), all.precision(), least)
		}
	}
}

// TestSameSeed: the same seed makes the same world, another one another.
func TestSameSeed(t *testing.T) {
	one, again, other := newWorld(5, 1), newWorld(5, 1), newWorld(6, 1)
	same := func(a, b sighting) bool {
		return a.owner == b.owner && a.rtype == b.rtype && a.at == b.at && a.ttl == b.ttl && slices.Equal(a.rdata, b.rdata)
	}
	if !slices.EqualFunc(one.seen, again.seen, same) || !slices.Equal(one.subjects, again.subjects) || !maps.Equal(one.net.unknown, again.net.unknown) {
		t.Error("the same seed made two worlds")
	}
	if slices.EqualFunc(one.seen, other.seen, same) {
		t.Error("two seeds made one world")
	}
}
