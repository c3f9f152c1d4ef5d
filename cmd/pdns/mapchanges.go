package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"example.org/pdns/plugin/pkg/analysis"
)

// changes shows what is different between the map of what was seen until a time and
// that of what was seen since.
func (p *program) changes(ctx context.Context, q analysis.MapQuery, f *mapFlags) error {
	then, err := parseTime("changes-since", f.changes, true)
	if err != nil {
		return err
	}
	before, since := q, q
	before.Until, since.Since = then, then
	src, err := p.source()
	if err != nil {
		return err
	}
	defer src.Close()
	first, damage := p.walkMap(ctx, src, before)
	if first == nil {
		return damage
	}
	second, damage2 := p.walkMap(ctx, src, since)
	if second == nil {
		return damage2
	}
	c := analysis.Compare(first, second)
	if f.format == "json" {
		err = p.writeJSON(c)
	} else {
		err = p.drawChanges(c)
	}
	if err != nil {
		return err
	}
	p.sayCut(first)
	p.sayCut(second)
	if err := errors.Join(damage, damage2); err != nil {
		return p.warnIncomplete(err)
	}
	p.sayShared(second)
	// Of maps that a bound cut nobody can say that there is no difference.
	found := len(c.EdgesAppeared)+len(c.EdgesVanished) > 0 || len(first.Cut)+len(second.Cut) > 0
	return p.foundSome(src, found, "the difference of "+strings.Join(second.Seeds, ", "))
}

// drawChanges writes a change for people.
func (p *program) drawChanges(c *analysis.Change) error {
	out := bufio.NewWriter(p.out)
	for i := range c.Moved {
		p.drawMove(out, &c.Moved[i])
	}
	for i := range c.Appeared {
		p.drawSign(out, p.paint(green, "+"), &c.Appeared[i])
	}
	for i := range c.Vanished {
		p.drawSign(out, p.paint(red, "-"), &c.Vanished[i])
	}
	if c.Partial.First {
		p.say("warning: the first map is not whole: what appeared may have been there")
	}
	if c.Partial.Second {
		p.say("warning: the second map is not whole: what vanished may still be there")
	}
	return out.Flush()
}

// drawMove writes what a node had and what it has, in a line of its own where there is
// no room.
func (p *program) drawMove(out *bufio.Writer, m *analysis.Move) {
	id, from, to := printable(m.ID), printable(strings.Join(m.From, " ")), printable(strings.Join(m.To, " "))
	head, width := "moved  ", p.width()
	taken := columnsOf(head) + 2 + len(m.Kind)
	if width > 0 && taken+columnsOf(id)+columnsOf(from)+columnsOf(to)+8 > width {
		id = fit(id, width, taken, 1) + "  " + string(m.Kind) + "\n    "
		room := width - 10
		from = fit(from, max(room/2, room-columnsOf(to), 1), 0, 1)
		to = fit(to, max(room-columnsOf(from), 1), 0, 1)
	} else {
		id += "  " + string(m.Kind) + "  "
	}
	fmt.Fprintf(out, "%s%s%s  ->  %s\n", head, id, p.paint(red, from), p.paint(green, to))
}

// drawSign writes a node of one map alone.
func (p *program) drawSign(out *bufio.Writer, sign string, n *analysis.Node) {
	times := fmt.Sprintf("  %s..%s", day(n.First), day(n.Last))
	width := p.width()
	if width > 0 && width < 3+leastName+columnsOf(times) {
		times = ""
	}
	fmt.Fprintf(out, "%s  %s%s\n", sign, fit(printable(n.ID), width, 3+columnsOf(times), 1), times)
}
