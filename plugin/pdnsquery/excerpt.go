package pdnsquery

import (
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
)

// excerpt is as much of the rdata of an RRset as fits, in presentation form, and
// a note that says so. It is given whole, but for a first one that does not fit by
// itself, whose beginning is given.
func excerpt(r *rrset.RRset) (rdata []string, note string) {
	room := maxRecord - 1000 - longestEscape*(len(r.Owner)+len(r.Bailiwick)) // for the figures and the note
	for _, wire := range r.Rdata {
		text := rrset.RdataString(r.Type, wire)
		part, left := beginning(text, room-len(`"",`))
		if len(part) == len(text) {
			rdata, room = append(rdata, text), left
			continue
		}
		if len(rdata) == 0 {
			return []string{part}, fmt.Sprintf("rdata does not fit: %d of %d octets of the first of %d here", len(part), len(text), len(r.Rdata))
		}
		break
	}
	return rdata, fmt.Sprintf("rdata does not fit: %d of %d here", len(rdata), len(r.Rdata))
}

// longestEscape is what one octet of a name takes at most: \DDD, in JSON, in TXT.
const longestEscape = len(`\\\\255`)

// beginning is as much of s as room holds, and the room left. Octets take what
// they do in JSON, and that in TXT, where escape writes one \ as two.
func beginning(s string, room int) (string, int) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			room -= 4
		case c == '"':
			room -= 3
		case c < ' ' || c > '~':
			room -= 7
		default:
			room--
		}
		if room < 0 {
			return s[:i], 0
		}
	}
	return s, room
}

// excerptObject is the object of an RRset that no TXT record holds: in the Common
// Output Format, but for rdata that is not whole, and the note.
func excerptObject(r *rrset.RRset) string {
	rdata, note := excerpt(r)
	var bailiwick string
	if r.Bailiwick != nil {
		bailiwick = rrset.NameString(r.Bailiwick)
	}
	return object(struct {
		Count     uint64   `json:"count"`
		First     int64    `json:"time_first"`
		Last      int64    `json:"time_last"`
		Name      string   `json:"rrname"`
		Type      string   `json:"rrtype"`
		Bailiwick string   `json:"bailiwick,omitempty"`
		Rdata     []string `json:"rdata"`
		Note      string   `json:"note"`
	}{r.Count, r.First, r.Last, rrset.NameString(r.Owner), rrset.TypeString(r.Type), bailiwick, rdata, note})
}
