// Package cof reads and writes passive DNS records in the Common Output Format
// (draft-dulaunoy-dnsop-passive-dns-cof): one JSON object a line.
//
// Append writes the keys of the draft, then these of this project, so that what
// is exported can be imported again without loss:
//
//	ttl_min, ttl_max  seconds, where a TTL was seen
//	bailiwick_known   true where the resolver named the bailiwick
//	sources           where observations came from: forward, dnstap, import
//
// Readers of the format skip keys that they do not know. Rdata whose
// presentation form would not give the same octets back is written in the form
// for unknown types (RFC 3597, section 5).
//
// Decode takes what else is found in the field: rdata as one string or an
// array, names with or without their final dot, types as mnemonics, TYPEnnn or
// numbers, times as Unix seconds or text, DNSDB's zone times and its envelope.
// Keys that it does not know are skipped. It refuses what the query zone cut to
// fit into DNS, which has a key note: that is a part of an RRset, or none.
package cof

import (
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// The keys of an object.
const (
	keyCount          = "count"
	keyFirst          = "time_first"
	keyLast           = "time_last"
	keyZoneFirst      = "zone_time_first"
	keyZoneLast       = "zone_time_last"
	keyName           = "rrname"
	keyType           = "rrtype"
	keyBailiwick      = "bailiwick"
	keyRdata          = "rdata"
	keyTTLMin         = "ttl_min"
	keyTTLMax         = "ttl_max"
	keyBailiwickKnown = "bailiwick_known"
	keySources        = "sources"
	keyObject         = "obj"
	keyCondition      = "cond"
	keyMessage        = "msg"
	keyNote           = "note"
)

// sources are the values of the key sources, in the order they are written.
var sources = []struct {
	name string
	mark rrset.Marks
}{
	{"forward", rrset.FromForward},
	{"dnstap", rrset.FromDnstap},
	{"import", rrset.FromImport},
}

// anySource is every mark that sources names.
const anySource = rrset.FromForward | rrset.FromDnstap | rrset.FromImport

// fieldError names the key that an error is about.
func fieldError(key string, err error) error { return fmt.Errorf("%s: %w", key, err) }
