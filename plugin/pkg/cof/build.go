package cof

import (
	"errors"
	"fmt"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
)

var errMissing = errors.New("missing")

// build makes an RRset of what the line says.
func (d *Decoder) build() (*rrset.RRset, error) {
	d.out = rrset.RRset{Rdata: d.out.Rdata[:0]}
	for _, step := range []func() error{d.buildName, d.buildType, d.buildBailiwick, d.buildRdata, d.buildTimes, d.buildExtras} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &d.out, nil
}

func (d *Decoder) buildName() (err error) {
	if d.line.name == nil {
		return fieldError(keyName, errMissing)
	}
	d.out.Owner, err = d.appendWire(keyName, d.line.name)
	return err
}

// appendWire returns the wire form of a name; it stays valid for the line.
func (d *Decoder) appendWire(key string, text []byte) ([]byte, error) {
	n := len(d.wire)
	var err error
	if d.wire, err = rrset.AppendName(d.wire, string(text)); err != nil {
		return nil, fieldError(key, err)
	}
	return d.wire[n:len(d.wire):len(d.wire)], nil
}

func (d *Decoder) buildType() error {
	if d.line.kind == nil {
		return fieldError(keyType, errMissing)
	}
	t, err := parseType(d.line.kind)
	if err != nil {
		return fieldError(keyType, err)
	}
	d.out.Type = t
	return nil
}

// parseType reads a mnemonic, TYPE and a number, or the number alone.
func parseType(text []byte) (uint16, error) {
	name := string(text)
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "TYPE" + name
	}
	t, err := rrset.ParseType(name)
	if err == nil && rrset.IsMeta(t) {
		err = fmt.Errorf("%s, want a type that can be data", rrset.TypeString(t))
	}
	return t, err
}

func (d *Decoder) buildBailiwick() (err error) {
	if len(d.line.bailiwick) == 0 {
		return nil
	}
	if d.out.Bailiwick, err = d.appendWire(keyBailiwick, d.line.bailiwick); err != nil {
		return err
	}
	if !rrset.Encloses(d.out.Bailiwick, d.out.Owner) {
		return fieldError(keyBailiwick, fmt.Errorf("%s, want %s or a zone above it", rrset.NameString(d.out.Bailiwick),
			rrset.NameString(d.out.Owner)))
	}
	if d.line.bailiwickKnown {
		d.out.Marks |= rrset.BailiwickKnown
	}
	return nil
}

func (d *Decoder) buildRdata() (err error) {
	if len(d.line.rdata) == 0 && d.out.Type != rrset.TypeNXDOMAIN {
		return fieldError(keyRdata, errMissing)
	}
	for _, text := range d.line.rdata {
		n := len(d.wire)
		if d.wire, err = parseRdata(d.wire, d.out.Type, text); err != nil {
			return fieldError(keyRdata, d.misfit(text, err))
		}
		d.out.Rdata = append(d.out.Rdata, d.wire[n:len(d.wire):len(d.wire)])
	}
	if d.out.Type == rrset.TypeNXDOMAIN { // which has none, whatever stands in its place
		d.out.Rdata = d.out.Rdata[:0]
	}
	d.out.Rdata = rrset.SortRdata(d.out.Rdata)
	return nil
}

// maxQuoted is how much of rdata an error quotes.
const maxQuoted = 200

// misfit is the error of rdata that does not fit the type. Errors of parsing
// quote the text, which may be as long as a line.
func (d *Decoder) misfit(text []byte, err error) error {
	if len(text) > maxQuoted {
		err = fmt.Errorf("%w: %d characters that begin %q", rrset.ErrRdata, len(text), text[:maxQuoted])
	}
	return fmt.Errorf("%s: %w", rrset.TypeString(d.out.Type), err)
}

func (d *Decoder) buildTimes() error {
	seen, zone := &d.line.seen, &d.line.zone
	if err := seen.check(keyFirst, keyLast); err != nil {
		return err
	}
	if err := zone.check(keyZoneFirst, keyZoneLast); err != nil {
		return err
	}
	switch {
	case seen.first == nil && zone.first == nil:
		return fieldError(keyFirst, errMissing)
	case seen.first == nil:
		seen = zone
	case zone.first == nil:
		zone = seen
	}
	d.out.First = min(*seen.first, *zone.first)
	d.out.Last = max(*seen.last, *zone.last)
	d.out.Count = max(d.line.count, 1)
	return nil
}

// check reports whether a pair of times is whole and in order, or not there.
func (t *times) check(first, last string) error {
	switch {
	case t.first == nil && t.last == nil:
		return nil
	case t.first == nil:
		return fieldError(first, errMissing)
	case t.last == nil:
		return fieldError(last, errMissing)
	case *t.last < *t.first:
		return fieldError(last, fmt.Errorf("%s is before %s %s", stamp(*t.last), first, stamp(*t.first)))
	}
	return nil
}

func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func (d *Decoder) buildExtras() error {
	d.out.Marks |= d.line.sources
	low, high := d.line.ttlMin, d.line.ttlMax
	if low == nil && high == nil {
		return nil
	}
	if low == nil {
		low = high
	}
	if high == nil {
		high = low
	}
	if *high < *low {
		return fieldError(keyTTLMax, fmt.Errorf("%d is below %s %d", *high, keyTTLMin, *low))
	}
	d.out.TTLMin, d.out.TTLMax = *low, *high
	d.out.Marks |= rrset.HasTTL
	return nil
}
