package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// An eventWriter writes events as a table, or as JSON. It holds a block of rows at a time.
type eventWriter struct {
	p     *program
	json  bool
	least int // width of names: what comes in turns shall stand below each other
	width int // columns of a line; 0: any
	out   *bufio.Writer
	rows  []eventRow
	line  []byte
	n     int
}

// An eventRow is a line of the table: the RRset that something was first seen by, and in
// colour what is remarkable about it, go below it where there is no room beside the name.
type eventRow struct{ age, kind, name, first, more, color string }

func (p *program) eventWriter(f *newFlags) *eventWriter {
	w := &eventWriter{p: p, json: f.json, width: p.width(), out: bufio.NewWriterSize(p.out, 64<<10)}
	if f.follow {
		w.least = 32
	}
	return w
}

func (w *eventWriter) write(e *novelty.Event) error {
	w.n++
	if w.json {
		w.line = append(e.AppendJSON(w.line[:0]), '\n')
		_, err := w.out.Write(w.line)
		return err
	}
	if w.n == 1 {
		w.rows = append(w.rows, eventRow{age: "AGE", kind: "KIND", name: "NAME", first: "FIRST SEEN"})
	}
	row := eventRow{age: age(clock.Now().Unix() - e.Set.First), kind: string(e.Kind), name: printable(rrset.NameString(e.Name)), first: firstSeen(e)}
	var more []string
	if e.Denied != 0 {
		more, row.color = append(more, "said not to exist since "+stamp(e.Denied)), red
	}
	if e.Before != 0 {
		more, row.color = append(more, "silent for "+age(e.Set.First-e.Before)), cmp.Or(row.color, bold)
	}
	row.more = strings.Join(more, "  ")
	if w.rows = append(w.rows, row); len(w.rows) >= tableBlock {
		w.block()
	}
	return nil
}

func (w *eventWriter) flush() error {
	w.block()
	return w.out.Flush()
}

// block writes the rows that are held; an error comes again at the flush.
func (w *eventWriter) block() {
	ages, kinds, names := 3, 6, w.least
	for _, r := range w.rows {
		ages, kinds, names = max(ages, columnsOf(r.age)), max(kinds, columnsOf(r.kind)), max(names, columnsOf(r.name))
	}
	if w.width > 0 {
		names = min(names, max(0, w.width-ages-kinds-6)/2)
	}
	for _, r := range w.rows {
		name := fit(r.name, w.width, ages+kinds+4, 1)
		head := fmt.Sprintf("%-*s  %-*s  %s%s  ", ages, r.age, kinds, r.kind, name, strings.Repeat(" ", max(0, names-columnsOf(name))))
		lines := hang(head, r.first, w.width)
		if r.more != "" {
			last := &lines[len(lines)-1]
			if w.width == 0 || columnsOf(*last)+2+columnsOf(r.more) <= w.width {
				*last += "  " + w.p.paint(r.color, r.more)
			} else {
				for _, text := range wrap(r.more, max(1, w.width-6)) {
					lines = append(lines, "      "+w.p.paint(r.color, text))
				}
			}
		}
		for _, line := range lines {
			fmt.Fprintln(w.out, line)
		}
	}
	w.rows = w.rows[:0]
}

// mostFirst is how much rdata of an RRset is shown to people.
const mostFirst = 4

// firstSeen is the RRset that something was first seen by.
func firstSeen(e *novelty.Event) string {
	var b strings.Builder
	if !bytes.Equal(e.Set.Owner, e.Name) {
		b.WriteString(printable(rrset.NameString(e.Set.Owner)) + " ")
	}
	b.WriteString(rrset.TypeString(e.Set.Type))
	for _, rdata := range e.Set.Rdata[:min(len(e.Set.Rdata), mostFirst)] {
		b.WriteString(" " + printable(rrset.RdataString(e.Set.Type, rdata)))
	}
	if more := e.Rdata - mostFirst; more > 0 {
		fmt.Fprintf(&b, " and %s more", number(more))
	}
	return b.String()
}

// age is a length of time for people, in its largest unit.
func age(seconds int64) string {
	for _, u := range []struct {
		letter  string
		seconds int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}} {
		if seconds >= u.seconds {
			return fmt.Sprintf("%d%s", seconds/u.seconds, u.letter)
		}
	}
	return fmt.Sprintf("%ds", max(seconds, 0))
}

// bars are how much was new by hour, or by day or month where the time is long.
type bars struct {
	of     string // what is counted
	kind   novelty.Kind
	unit   string
	layout string
	counts map[time.Time]int
}

// barsOf is what bars are called that count one kind.
var barsOf = map[novelty.Kind]string{novelty.Host: "new hosts", novelty.RRset: "new RRsets", novelty.Again: "domains seen again"}

// newBars count new domains, or all that is selected where they are not.
func newBars(s *novelty.Selection) *bars {
	b := &bars{of: "new domains", kind: novelty.Domain, unit: "hour", layout: "2006-01-02 15:00", counts: map[time.Time]int{}}
	if len(s.Kinds) > 0 && !slices.Contains(s.Kinds, novelty.Domain) {
		b.of, b.kind = "news", ""
		if len(s.Kinds) == 1 {
			b.of = barsOf[s.Kinds[0]]
		}
	}
	switch span := clock.Now().Sub(time.Unix(s.Since, 0)); {
	case span > 100*24*time.Hour:
		b.unit, b.layout = "month", "2006-01"
	case span > 3*24*time.Hour:
		b.unit, b.layout = "day", "2006-01-02"
	}
	return b
}

func (b *bars) count(e *novelty.Event) {
	if b.kind == "" || b.kind == e.Kind {
		b.counts[b.start(time.Unix(e.Set.First, 0).UTC())]++
	}
}

// start is when the hour, day or month of a time begins.
func (b *bars) start(t time.Time) time.Time {
	switch b.unit {
	case "month":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "day":
		return t.Truncate(24 * time.Hour)
	}
	return t.Truncate(time.Hour)
}

// next is the start of the one behind.
func (b *bars) next(t time.Time) time.Time {
	switch b.unit {
	case "month":
		return t.AddDate(0, 1, 0)
	case "day":
		return t.AddDate(0, 0, 1)
	}
	return t.Add(time.Hour)
}

// draw writes a bar for each hour, day or month that has something, and a line for the
// others between them.
func (b *bars) draw(out *bufio.Writer, width int) {
	if len(b.counts) == 0 {
		return
	}
	var at []time.Time
	most := 0
	for t, n := range b.counts {
		at = append(at, t)
		most = max(most, n)
	}
	slices.SortFunc(at, time.Time.Compare)
	length := barLength(width, 5+len(b.layout)+len(number(most)))
	fmt.Fprintf(out, "%s by %s\n", b.of, b.unit)
	for i, t := range at {
		if i > 0 {
			b.drawQuiet(out, b.next(at[i-1]), t)
		}
		n := b.counts[t]
		fmt.Fprintf(out, "  %s  %s %s\n", t.Format(b.layout), strings.Repeat("█", max(1, n*length/most)), number(n))
	}
	fmt.Fprintln(out)
}

// drawQuiet writes what lies between two that had something.
func (b *bars) drawQuiet(out *bufio.Writer, from, to time.Time) {
	var quiet []time.Time
	for t := from; t.Before(to); t = b.next(t) {
		quiet = append(quiet, t)
	}
	if len(quiet) > mostQuiet {
		fmt.Fprintf(out, "  %-*s  %s\n", len(b.layout), "...", plural(len(quiet), b.unit))
		return
	}
	for _, t := range quiet {
		fmt.Fprintf(out, "  %s\n", t.Format(b.layout))
	}
}
