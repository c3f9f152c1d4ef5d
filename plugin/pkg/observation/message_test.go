package observation_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// TestMessages observes the messages in testdata. A message is flags and rcode
// in a line, the question after a question mark, and records, with a line that
// names the section before those of authority and additional.
func TestMessages(t *testing.T) {
	datadriven.Walk(t, "testdata/messages", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			o, m := options(t, d), observation.Message{
				Response: parseMessage(t, d.Input),
				Time:     when,
				Source:   rrset.FromForward,
			}
			for _, a := range d.CmdArgs {
				switch a.Key {
				case "zone":
					m.Zone = rrset.MustName(a.Vals[0])
				case "asked":
					m.Asked = &dns.Question{Name: a.Vals[0], Qtype: dns.StringToType[a.Vals[1]], Qclass: dns.ClassINET}
				}
			}
			return observe(t, observation.New(o), m)
		})
	})
}

func options(t *testing.T, d *datadriven.TestData) observation.Options {
	t.Helper()
	o := observation.Options{DNSSEC: d.HasArg("dnssec"), ECS: d.HasArg("ecs"), NoNegative: d.HasArg("negative-off")}
	for _, a := range d.CmdArgs {
		if a.Key == "exclude" {
			o.Exclude = append(o.Exclude, rrset.MustName(a.Vals[0]))
		}
	}
	return o
}

// parseMessage makes the message that text describes, as it comes off the wire.
func parseMessage(t testing.TB, text string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	section := &m.Answer
	lines := strings.Split(text, "\n")
	for _, word := range strings.Fields(lines[0]) {
		switch word {
		case "qr":
			m.Response = true
		case "aa":
			m.Authoritative = true
		case "tc":
			m.Truncated = true
		case "ra":
			m.RecursionAvailable = true
		case "update":
			m.Opcode = dns.OpcodeUpdate
		default:
			rcode, ok := dns.StringToRcode[word]
			if !ok {
				t.Fatalf("flag or rcode %q", word)
			}
			m.Rcode = rcode
		}
	}
	for _, line := range lines[1:] {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "?":
			m.Question = append(m.Question, parseQuestion(t, rest))
		case "authority":
			section = &m.Ns
		case "additional":
			section = &m.Extra
		case "ecs":
			m.Extra = append(m.Extra, subnet(t, rest))
		default:
			rr, err := dns.NewRR(line)
			if err != nil {
				t.Fatal(err)
			}
			*section = append(*section, rr)
		}
	}
	return offWire(t, m)
}

func parseQuestion(t testing.TB, s string) dns.Question {
	t.Helper()
	f := strings.Fields(s)
	qtype, err := rrset.ParseType(f[1])
	if err != nil {
		t.Fatal(err)
	}
	q := dns.Question{Name: f[0], Qtype: qtype, Qclass: dns.ClassINET}
	if len(f) == 3 {
		q.Qclass = dns.StringToClass[f[2]]
	}
	return q
}

// subnet is an OPT record with a client's network, 192.0.2.0/24, and a scope.
func subnet(t testing.TB, scope string) dns.RR {
	t.Helper()
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	e := &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: []byte{192, 0, 2, 0}}
	if _, err := fmt.Sscan(scope, &e.SourceScope); err != nil {
		t.Fatal(err)
	}
	opt.Option = append(opt.Option, e)
	return opt
}

func offWire(t testing.TB, m *dns.Msg) *dns.Msg {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	out := new(dns.Msg)
	if err := out.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	return out
}

// A notebook is a Sink that keeps everything, and checks what must always hold.
type notebook struct {
	t     testing.TB
	seen  []*rrset.RRset
	drops [observation.Reasons]int
}

func (n *notebook) Drop(why observation.Reason) { n.drops[why]++ }

func (n *notebook) Observe(r *rrset.RRset) {
	n.seen = append(n.seen, r.Clone())
	if err := rrset.CheckName(r.Owner); err != nil {
		n.t.Errorf("owner %x: %v", r.Owner, err)
	}
	if r.Bailiwick != nil && (rrset.CheckName(r.Bailiwick) != nil || !rrset.Encloses(r.Bailiwick, r.Owner)) {
		n.t.Errorf("bailiwick %x of owner %x", r.Bailiwick, r.Owner)
	}
	if none := len(r.Rdata) == 0; none != (r.Type == rrset.TypeNXDOMAIN) {
		n.t.Errorf("%d rdata of %s at %s", len(r.Rdata), rrset.TypeString(r.Type), rrset.NameString(r.Owner))
	}
	for i, rd := range r.Rdata {
		if err := rrset.CheckRdata(r.Type, rd); err != nil {
			n.t.Errorf("rdata %x: %v", rd, err)
		}
		if i > 0 && string(r.Rdata[i-1]) >= string(rd) {
			n.t.Errorf("rdata %x after %x", rd, r.Rdata[i-1])
		}
	}
	if r.Count != 1 || r.First != r.Last || r.TTLMin != r.TTLMax {
		n.t.Errorf("figures %+v", r.Figures)
	}
}

// when is the time of messages in tests.
var when = time.Unix(1564617600, 0)

// watch observes a message that is unpacked, and as it is on the wire: it must
// not matter which.
func watch(t testing.TB, o *observation.Observer, m observation.Message) *notebook {
	t.Helper()
	unpacked, packed := &notebook{t: t}, &notebook{t: t}
	o.Observe(m, unpacked)
	o.Observe(onWire(t, m), packed)
	if !reflect.DeepEqual(unpacked.seen, packed.seen) || unpacked.drops != packed.drops {
		t.Errorf("unpacked:\n%son the wire:\n%s", unpacked, packed)
	}
	return unpacked
}

// onWire is m with its response in wire form.
func onWire(t testing.TB, m observation.Message) observation.Message {
	t.Helper()
	wire, err := m.Response.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m.Response, m.Wire = nil, wire
	return m
}

func observe(t *testing.T, o *observation.Observer, m observation.Message) string {
	t.Helper()
	return watch(t, o, m).String()
}

// String describes what was seen, and what was dropped how often.
func (n *notebook) String() string {
	var b strings.Builder
	for _, r := range n.seen {
		b.WriteString(describe(r) + "\n")
	}
	for why := range observation.AllReasons() {
		if n.drops[why] > 0 {
			fmt.Fprintf(&b, "drop %s %d\n", why, n.drops[why])
		}
	}
	if b.Len() == 0 {
		return "nothing\n"
	}
	return b.String()
}

// describe is an observation in a line: TTL, owner, type, rdata, bailiwick.
func describe(r *rrset.RRset) string {
	ttl, bailiwick := "-", "of ?"
	if r.Marks&rrset.HasTTL != 0 {
		ttl = fmt.Sprint(r.TTLMin)
	}
	if r.Bailiwick != nil {
		bailiwick = "about " + rrset.NameString(r.Bailiwick)
	}
	if r.Marks&rrset.BailiwickKnown != 0 {
		bailiwick = strings.Replace(bailiwick, "about", "of", 1)
	}
	var rdata []string
	for _, rd := range r.Rdata {
		rdata = append(rdata, rrset.RdataString(r.Type, rd))
	}
	words := []string{rrset.NameString(r.Owner), ttl, rrset.TypeString(r.Type), strings.Join(rdata, " | "), bailiwick}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
