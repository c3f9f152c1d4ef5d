package novelty

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

// A Kind says what an event is about.
type Kind string

// The kinds of events.
const (
	Domain Kind = "domain" // a registered domain never seen before
	Host   Kind = "host"   // a name never seen before
	RRset  Kind = "rrset"  // an RRset never seen before
	Again  Kind = "again"  // a registered domain seen again after a long silence
)

// Kinds are all kinds.
var Kinds = []Kind{Domain, Host, RRset, Again}

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds {
		if s == string(k) {
			return k, nil
		}
	}
	return "", fmt.Errorf("kind %q: want domain, host, rrset or again", s)
}

// What of an RRset an event holds beside its first rdata, at most.
const (
	maxRdata       = 16
	maxRdataOctets = 1 << 10
)

// An Event is one thing that was newly observed.
type Event struct {
	Kind Kind
	Name []byte // the domain or the owner; canonical, in wire form
	// Set is the RRset that brought it, the earliest that the flush held, with its
	// first rdata, and of the others as many as make 16 rdata and 1 KiB at most.
	Set    rrset.RRset
	Rdata  int   // how many rdata the RRset has
	Denied int64 // when it was first said not to exist, Unix seconds; 0: that was not seen
	Before int64 // of Again: when it was last seen before, Unix seconds
	Logged int64 // when it was found, Unix seconds; increases from batch to batch; 0: not by a flush
}

// NewEvent is an event with a copy of what brought it.
func NewEvent(kind Kind, name []byte, set *rrset.RRset, logged int64) *Event {
	e := &Event{Kind: kind, Name: bytes.Clone(name), Set: *set, Rdata: len(set.Rdata), Logged: logged}
	e.Set.Owner, e.Set.Bailiwick = bytes.Clone(set.Owner), bytes.Clone(set.Bailiwick)
	e.Set.Rdata = nil
	octets := 0
	for i, rd := range set.Rdata[:min(len(set.Rdata), maxRdata)] {
		if octets += len(rd); i > 0 && octets > maxRdataOctets {
			break
		}
		e.Set.Rdata = append(e.Set.Rdata, bytes.Clone(rd))
	}
	return e
}

// AppendJSON appends the event as one object: kind, name, time_logged, nxdomain_first,
// last_before, rdata_count if there are more than rdata has, and the keys of COF. Times
// that are 0 are left out.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"kind":"`...)
	dst = append(dst, e.Kind...)
	dst = append(dst, `","name":`...)
	dst = cof.AppendName(dst, e.Name)
	if e.Logged != 0 {
		dst = appendNumber(dst, "time_logged", e.Logged)
	}
	if e.Denied != 0 {
		dst = appendNumber(dst, "nxdomain_first", e.Denied)
	}
	if e.Before != 0 {
		dst = appendNumber(dst, "last_before", e.Before)
	}
	if e.Rdata > len(e.Set.Rdata) {
		dst = appendNumber(dst, "rdata_count", int64(e.Rdata))
	}
	dst = append(dst, ',')
	at := len(dst)
	dst = cof.Append(dst, &e.Set)
	return append(dst[:at], dst[at+1:]...) // without the brace that opens it
}

func appendNumber(dst []byte, key string, n int64) []byte {
	dst = append(append(dst, `,"`...), key...)
	return strconv.AppendInt(append(dst, `":`...), n, 10)
}

// ParseEvent reads what AppendJSON wrote.
func ParseEvent(line []byte) (*Event, error) {
	var head struct {
		Kind   string `json:"kind"`
		Name   string `json:"name"`
		Logged int64  `json:"time_logged"`
		Denied int64  `json:"nxdomain_first"`
		Before int64  `json:"last_before"`
		Rdata  int    `json:"rdata_count"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	kind, err := ParseKind(head.Kind)
	if err != nil {
		return nil, err
	}
	name, err := rrset.ParseName(head.Name)
	if err != nil {
		return nil, fmt.Errorf("name: %w", err)
	}
	if head.Logged <= 0 {
		return nil, fmt.Errorf("time_logged %d: want Unix seconds", head.Logged)
	}
	set, err := cof.Decode(line)
	if err != nil {
		return nil, err
	}
	return &Event{Kind: kind, Name: name, Set: *set, Rdata: max(head.Rdata, len(set.Rdata)),
		Denied: head.Denied, Before: head.Before, Logged: head.Logged}, nil
}
