package drawing

import (
	"bufio"
	"crypto/sha1"
	"encoding/json"
	"io"
	"net/netip"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/net/idna"

	"example.org/pdns/plugin/pkg/analysis"
)

// A stixObject is any of those that a bundle has; each has a part of the properties.
type stixObject struct {
	Type          string   `json:"type"`
	Version       string   `json:"spec_version"`
	ID            string   `json:"id"`
	CreatedBy     string   `json:"created_by_ref,omitempty"`
	Created       string   `json:"created,omitempty"`
	Modified      string   `json:"modified,omitempty"`
	Value         string   `json:"value,omitempty"`
	Name          string   `json:"name,omitempty"`
	IdentityClass string   `json:"identity_class,omitempty"`
	Context       string   `json:"context,omitempty"`
	Relationship  string   `json:"relationship_type,omitempty"`
	Description   string   `json:"description,omitempty"`
	Source        string   `json:"source_ref,omitempty"`
	Target        string   `json:"target_ref,omitempty"`
	Start         string   `json:"start_time,omitempty"`
	Stop          string   `json:"stop_time,omitempty"`
	First         string   `json:"first_observed,omitempty"`
	Last          string   `json:"last_observed,omitempty"`
	Number        uint64   `json:"number_observed,omitempty"`
	Abstract      string   `json:"abstract,omitempty"`
	Content       string   `json:"content,omitempty"`
	Refs          []string `json:"object_refs,omitempty"`
}

// write writes an object in a line of its own. Ids of others, of which a grouping has as
// many as the bundle, go out one by one: they have no characters that JSON escapes.
func (o *stixObject) write(out *bufio.Writer, first bool) error {
	own := *o
	own.Refs = nil
	text, err := json.Marshal(&own)
	if err != nil {
		return err
	}
	if !first {
		out.WriteByte(',')
	}
	out.WriteByte('\n')
	out.Write(text[:len(text)-1])
	for i, ref := range o.Refs {
		before := ","
		if i == 0 {
			before = `,"object_refs":[`
		}
		out.WriteString(before + `"` + ref + `"`)
	}
	if len(o.Refs) > 0 {
		out.WriteByte(']')
	}
	return out.WriteByte('}')
}

const stixVersion = "2.1"

// Namespaces of ids: that which section 2.9 has for observables, and one for all else,
// which may not be that.
var (
	observableSpace = uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")
	ownSpace        = uuid.MustParse("6f0e7a52-3c0b-4f0e-9d5a-8a5b1f2c7d41")
)

// producer is who made a bundle. It is the same in all.
var producer = stixObject{
	Type: "identity", Version: stixVersion, ID: producerID, Created: "2026-01-01T00:00:00.000Z", Modified: "2026-01-01T00:00:00.000Z",
	Name: "pdns", IdentityClass: "system",
	Description: "Passive DNS inside CoreDNS: a history of what names resolved to. It says what was seen, and nothing about intent.",
}

var producerID = ownID("identity", "pdns")

// ownID is the id of an object by its content, which may be all ids of a bundle: a UUID of
// version 5 (RFC 9562), of what is never there in one piece.
func ownID(objectType string, content ...string) string {
	h := sha1.New()
	h.Write(ownSpace[:])
	io.WriteString(h, objectType+"\x00")
	for i, text := range content {
		if i > 0 {
			io.WriteString(h, "\x00")
		}
		io.WriteString(h, text)
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 5<<4
	id[8] = id[8]&0x3f | 0x80
	return objectType + "--" + id.String()
}

// sdo begins an object that is no observable. What is exported at another time is
// another one.
func (b *bundle) sdo(objectType string, content ...string) stixObject {
	at := b.made.UTC().Format("2006-01-02T15:04:05.000Z")
	return stixObject{Type: objectType, Version: stixVersion, ID: ownID(objectType, append(content, at)...), CreatedBy: producerID, Created: at, Modified: at}
}

// observable is the object of a node; false if STIX has none for it.
func observable(n *analysis.Node) (stixObject, bool) {
	o := stixObject{Version: stixVersion, Value: n.ID}
	switch n.Type {
	case "name":
		o.Type, o.Value = "domain-name", strings.TrimSuffix(n.ID, ".")
		if !isHostname(o.Value) {
			return o, false
		}
	default:
		a, err := netip.ParseAddr(n.ID)
		if p, perr := netip.ParsePrefix(n.ID); perr == nil {
			a, err = p.Addr(), nil
		}
		if err != nil {
			return o, false
		}
		if o.Type = "ipv6-addr"; a.Is4() {
			o.Type = "ipv4-addr"
		}
	}
	// The canonical form (RFC 8785) of what identifies it: neither names nor addresses
	// have characters that JSON escapes.
	o.ID = o.Type + "--" + uuid.NewSHA1(observableSpace, []byte(`{"value":"`+o.Value+`"}`)).String()
	return o, true
}

// notLDH reports what is no letter, digit or hyphen.
func notLDH(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// internationalized accepts A-labels that are valid. Two hyphens in the middle of other
// labels are common where names are made by machines.
var internationalized = idna.New(idna.ValidateLabels(true), idna.CheckHyphens(false), idna.VerifyDNSLength(true))

// isHostname reports whether a name, without its final dot, is one that STIX takes
// (section 6.4): of RFC 1034 and RFC 5890, in lower case.
func isHostname(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if strings.ContainsFunc(label, notLDH) || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	ascii, err := internationalized.ToASCII(name) // empty labels and those that are too long, too
	return err == nil && ascii == name
}
