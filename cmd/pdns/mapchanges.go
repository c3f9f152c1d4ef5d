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
	first, damage := analysis.Map(ctx, src, before)
	if first == nil {
		return damage
	}
	second, damage2 := analysis.Map(ctx, src, since)
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
	if len(c.EdgesAppeared)+len(c.EdgesVanished) == 0 {
		return p.foundSome(src, false, "the difference of "+strings.Join(second.Seeds, ", "))
	}
	return nil
}

// drawChanges writes a change for people.
func (p *program) drawChanges(c *analysis.Change) error {
	out := bufio.NewWriter(p.out)
	for _, m := range c.Moved {
		fmt.Fprintf(out, "moved  %s  %s  %s", printable(m.ID), m.Kind, p.paint(red, printable(strings.Join(m.From, " "))))
		fmt.Fprintf(out, "  ->  %s\n", p.paint(green, printable(strings.Join(m.To, " "))))
	}
	for _, n := range c.Appeared {
		fmt.Fprintf(out, "%s  %s  %s..%s\n", p.paint(green, "+"), printable(n.ID), day(n.First), day(n.Last))
	}
	for _, n := range c.Vanished {
		fmt.Fprintf(out, "%s  %s  %s..%s\n", p.paint(red, "-"), printable(n.ID), day(n.First), day(n.Last))
	}
	if c.Partial.First {
		p.say("warning: the first map is not whole: what appeared may have been there")
	}
	if c.Partial.Second {
		p.say("warning: the second map is not whole: what vanished may still be there")
	}
	return out.Flush()
}
