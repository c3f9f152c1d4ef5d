package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/capture"
	"example.org/pdns/plugin/pkg/observation"
)

// tell ends an import with its figures.
func (im *importer) tell() {
	if im.p.quiet && im.total.wrong == 0 {
		return
	}
	im.p.say("%s", im.summary())
	im.list("left out", im.leftOut())
	im.list("packets", im.packetOutcomes())
	im.hint()
}

// summary says how much was read and taken.
func (im *importer) summary() string {
	var items []string
	for _, unit := range []string{"line", "frame", "message"} {
		if n, ok := im.items[unit]; ok {
			items = append(items, plural(n, unit))
		}
	}
	if len(items) == 0 {
		items = []string{"nothing read"}
	}
	s := fmt.Sprintf("%s: %s, %s taken", plural(im.files, "file"), strings.Join(items, ", "), plural(im.total.taken, "RRset"))
	if im.before > 0 {
		s += fmt.Sprintf("; %s imported before", plural(im.before, "file"))
	}
	if took := time.Since(im.begun); took > between {
		s += fmt.Sprintf("; %s/s in %v", plural(uint64(float64(im.sum())/took.Seconds()), "item"), took.Round(time.Second))
	}
	return s
}

// sum is the number of items of all kinds.
func (im *importer) sum() (n uint64) {
	for _, m := range im.items {
		n += m
	}
	return n
}

// An amount is a number and what it is of.
type amount struct {
	what string
	n    uint64
}

// leftOut is what was not taken, by reason.
func (im *importer) leftOut() []amount {
	amounts := []amount{{"wrong", im.total.wrong}, {"without a record", im.total.blank}, {"refused", im.total.refused}}
	for why := range observation.AllReasons() {
		amounts = append(amounts, amount{why.String(), im.total.dropped[why]})
	}
	return amounts
}

func (im *importer) packetOutcomes() (amounts []amount) {
	for o := range capture.Outcomes() {
		amounts = append(amounts, amount{o.String(), im.packets.By[o]})
	}
	return amounts
}

// list says how many there were of each, the most first.
func (im *importer) list(what string, amounts []amount) {
	slices.SortStableFunc(amounts, func(a, b amount) int { return int(int64(b.n) - int64(a.n)) })
	var texts []string
	for _, a := range amounts {
		if a.n > 0 {
			texts = append(texts, fmt.Sprintf("%d %s", a.n, a.what))
		}
	}
	if len(texts) > 0 {
		im.p.say("%s: %s", what, strings.Join(texts, ", "))
	}
}

// hint names the flag that would take what was left out, if nothing was taken.
func (im *importer) hint() {
	if im.total.taken > 0 {
		return
	}
	switch types := im.untaken; {
	case types != 0:
		im.p.say("hint: --types %s takes these messages", types)
	case im.packets.By[capture.NotDNS] > 0 && im.items["message"] == 0:
		im.p.say("hint: --port takes responses from other ports than %s", strings.Join(portNames(im.ports), ", "))
	}
}

func plural[N int | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
