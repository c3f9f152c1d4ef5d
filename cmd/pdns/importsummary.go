package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"example.org/pdns/plugin/pkg/capture"
)

// tell ends an import with its figures.
func (im *importer) tell() {
	if n := im.total.outdated; n > 0 {
		im.p.say("warning: %s last seen before %s: the store keeps %s, and CoreDNS will drop what is older",
			plural(n, "RRset"), stamp(im.since), model.Duration(im.keeps))
	}
	if im.p.quiet && im.wrong == 0 {
		return
	}
	im.p.say("%s", im.summary())
	im.p.list("left out", im.leftOut())
	im.p.listPackets(im.packets)
	im.hint()
}

// summary says how much was read and taken.
func (im *importer) summary() string {
	var items []string
	for _, unit := range []string{"line", "frame", "packet"} {
		if n, ok := im.items[unit]; ok {
			items = append(items, plural(n, unit))
		}
	}
	if n := im.packets.Messages; n > 0 {
		items = append(items, plural(n, "response"))
	}
	if len(items) == 0 {
		items = []string{"nothing read"}
	}
	s := fmt.Sprintf("%s: %s, %s taken", plural(im.files, "file"), strings.Join(items, ", "), plural(im.total.taken, "RRset"))
	if im.before > 0 {
		s += fmt.Sprintf("; %s imported before", plural(im.before, "file"))
	}
	if took := time.Since(im.begun); took > between && !im.follow {
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

// leftOut is what was not taken, by reason.
func (im *importer) leftOut() []amount {
	return append([]amount{{"wrong", im.wrong}, {"without a record", im.total.blank}, {"refused", im.total.refused}},
		byReason(im.total.dropped)...)
}

// hint names the flag that would take what was left out, if nothing was taken.
func (im *importer) hint() {
	if cut := im.packets.By[capture.Cut]; cut > 0 {
		im.p.say("hint: of %s the end was not captured (the snap length): tcpdump -s 0 captures it", plural(cut, "packet"))
	}
	if im.total.taken > 0 {
		return
	}
	switch types := im.untaken; {
	case types != 0:
		im.p.say("hint: --types %s takes these messages", types)
	case im.packets.Messages > 0:
	case im.packets.By[capture.Unasked] > 0:
		im.p.say("hint: the queries are not there: without --match responses are taken all the same")
	case im.packets.By[capture.NotDNS] > 0:
		im.p.say("hint: --port takes responses from other ports than %s", strings.Join(portNames(im.ports), ", "))
	}
}
