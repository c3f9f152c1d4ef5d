package cof

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"example.org/pdns/plugin/pkg/rrset"
)

// Decode reads one line, as a Decoder does.
func Decode(line []byte) (*rrset.RRset, error) { return NewDecoder().Decode(line) }

// A Decoder reads records of lines. It holds what is used again from line to line,
// and is not safe for concurrent use.
type Decoder struct {
	json *jsontext.Decoder
	in   bytes.Buffer
	text []byte // strings of the line, without JSON's escapes
	wire []byte // names and rdata of out
	line object
	out  rrset.RRset
}

// An object is what a line says, before it is checked.
type object struct {
	members               int
	count                 uint64
	seen, zone            times
	name, kind, bailiwick []byte // presentation form; nil: not there
	rdata                 [][]byte
	ttlMin, ttlMax        *uint32
	bailiwickKnown        bool
	sources               rrset.Marks
	cond, msg             []byte // of DNSDB's envelope
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder {
	d := new(Decoder)
	d.json = jsontext.NewDecoder(&d.in)
	return d
}

// Decode reads one line and returns an RRset that is valid until the next call. It
// is nil without an error for a line that holds no record: a blank one, and those
// that begin, keep alive or end a DNSDB stream. Errors name the key and what was
// expected.
//
// A count that is missing or 0 is 1: the record was seen. Zone times count as
// sightings: the earliest and the latest time of both pairs are taken.
func (d *Decoder) Decode(line []byte) (*rrset.RRset, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, nil
	}
	d.in = *bytes.NewBuffer(line)
	d.json.Reset(&d.in)
	d.text, d.wire = d.text[:0], d.wire[:0]
	d.line = object{rdata: d.line.rdata[:0]}
	if err := d.readObject(d.member); err != nil {
		return nil, err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("bad JSON at offset %d: more than one object on the line", d.json.InputOffset())
	}
	if d.line.members == 0 || d.line.cond != nil && d.line.name == nil {
		return nil, d.line.failure()
	}
	return d.build()
}

// failure is the error of a line that ends a DNSDB stream too early.
func (o *object) failure() error {
	if string(o.cond) != "failed" {
		return nil
	}
	return fieldError(keyCondition, fmt.Errorf("the source failed, the answer is incomplete: %s", o.msg))
}

// readObject calls member with the key of each member; it has to read the value.
func (d *Decoder) readObject(member func(key []byte) error) error {
	if d.json.PeekKind() != '{' {
		v, err := d.value()
		if err != nil {
			return err
		}
		return fmt.Errorf("%s, want an object", kindName(v))
	}
	if _, err := d.json.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for d.json.PeekKind() != '}' {
		key, err := d.value()
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return syntaxError(err)
}

// member reads the value of a member of the line's object.
func (d *Decoder) member(quoted []byte) error {
	d.line.members++
	switch key := d.unquote(quoted); string(key) {
	case keyObject:
		return d.readObject(d.recordMember)
	case keyCondition:
		return d.readText(keyCondition, &d.line.cond)
	case keyMessage:
		return d.readText(keyMessage, &d.line.msg)
	default:
		return d.readRecord(key)
	}
}

// recordMember reads the value of a member of the object inside an envelope.
func (d *Decoder) recordMember(quoted []byte) error { return d.readRecord(d.unquote(quoted)) }

// readRecord reads the value of a key of a record.
func (d *Decoder) readRecord(key []byte) error {
	switch o := &d.line; string(key) {
	case keyName:
		return d.readText(keyName, &o.name)
	case keyType:
		return d.readText(keyType, &o.kind)
	case keyBailiwick:
		return d.readText(keyBailiwick, &o.bailiwick)
	case keyRdata:
		return d.readRdata()
	case keyCount:
		return d.readNumber(keyCount, ^uint64(0), func(n uint64) { o.count = n })
	case keyFirst:
		return d.readTime(keyFirst, &o.seen.first)
	case keyLast:
		return d.readTime(keyLast, &o.seen.last)
	case keyZoneFirst:
		return d.readTime(keyZoneFirst, &o.zone.first)
	case keyZoneLast:
		return d.readTime(keyZoneLast, &o.zone.last)
	case keyTTLMin:
		return d.readTTL(keyTTLMin, &o.ttlMin)
	case keyTTLMax:
		return d.readTTL(keyTTLMax, &o.ttlMax)
	case keyBailiwickKnown:
		return d.readBool(keyBailiwickKnown, &o.bailiwickKnown)
	case keySources:
		return d.readSources()
	case keyNote:
		return d.readNote()
	}
	return syntaxError(d.json.SkipValue())
}
