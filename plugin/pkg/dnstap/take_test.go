package dnstap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	golang "github.com/dnstap/golang-dnstap"
	"github.com/miekg/dns"
	"google.golang.org/protobuf/encoding/protowire"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A notebook is a Sink that writes down in words.
type notebook struct{ lines []string }

func (n *notebook) Drop(why observation.Reason) { n.lines = append(n.lines, "drop "+why.String()) }

func (n *notebook) Observe(r *rrset.RRset) {
	known := "estimated"
	if r.Marks&rrset.BailiwickKnown != 0 {
		known = "known"
	}
	n.lines = append(n.lines, fmt.Sprintf("%s %s in %s %s at %d, marks %b", rrset.NameString(r.Owner), rrset.TypeString(r.Type),
		rrset.NameString(r.Bailiwick), known, r.First, r.Marks&(rrset.FromDnstap|rrset.FromImport)))
}

// response is the answer to A of www.example.com, with what a sloppy or hostile
// server adds to it.
func response(tb testing.TB) []byte {
	tb.Helper()
	m := new(dns.Msg)
	m.SetQuestion("wWw.example.com.", dns.TypeA)
	m.Response, m.Authoritative = true, true
	m.Answer = records(tb, "wWw.example.com. 300 A 192.0.2.1")
	m.Ns = records(tb, "com. 300 NS ns.hostile.example.")
	wire, err := m.Pack()
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}

func records(tb testing.TB, lines ...string) []dns.RR {
	rrs := make([]dns.RR, len(lines))
	for i, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			tb.Fatal(err)
		}
		rrs[i] = rr
	}
	return rrs
}

func TestTake(t *testing.T) {
	const seen = "www.example.com. A in %s at 1564617600, marks 1000"
	inZone := []string{fmt.Sprintf(seen, "example.com. known"), "drop out_of_bailiwick"}
	for name, tc := range map[string]struct {
		change func(*golang.Dnstap)
		types  dnstap.Types
		want   []string
	}{
		"in its zone":      {func(*golang.Dnstap) {}, dnstap.DefaultTypes, inZone},
		"zone in capitals": {func(d *golang.Dnstap) { d.Message.QueryZone = []byte("\x07EXAMPLE\x03com\x00") }, dnstap.DefaultTypes, inZone},
		"no zone": {func(d *golang.Dnstap) { d.Message.QueryZone = nil }, dnstap.DefaultTypes,
			[]string{fmt.Sprintf(seen, "com. estimated"), "com. NS in com. estimated at 1564617600, marks 1000"}},
		"another zone":      {func(d *golang.Dnstap) { d.Message.QueryZone = rrset.MustName("net") }, dnstap.DefaultTypes, []string{"drop out_of_bailiwick", "drop out_of_bailiwick"}},
		"zone of an octet":  {func(d *golang.Dnstap) { d.Message.QueryZone = []byte{0xc0} }, dnstap.DefaultTypes, []string{"drop malformed_frame"}},
		"zone of nothing":   {func(d *golang.Dnstap) { d.Message.QueryZone = []byte{} }, dnstap.DefaultTypes, []string{"drop malformed_frame"}},
		"client's side":     {func(d *golang.Dnstap) { *d.Message.Type = golang.Message_CLIENT_RESPONSE }, dnstap.DefaultTypes, []string{"drop message_type"}},
		"client's, chosen":  {func(d *golang.Dnstap) { *d.Message.Type = golang.Message_CLIENT_RESPONSE }, dnstap.NewTypes(dnstap.ClientResponse), inZone},
		"forwarder":         {func(d *golang.Dnstap) { *d.Message.Type = golang.Message_FORWARDER_RESPONSE }, dnstap.DefaultTypes, inZone},
		"query":             {func(d *golang.Dnstap) { *d.Message.Type = golang.Message_RESOLVER_QUERY }, dnstap.AllTypes, []string{"drop message_type"}},
		"no response":       {func(d *golang.Dnstap) { d.Message.ResponseMessage = nil }, dnstap.DefaultTypes, []string{"drop no_message"}},
		"no DNS":            {func(d *golang.Dnstap) { d.Message.ResponseMessage = []byte("hello") }, dnstap.DefaultTypes, []string{"drop malformed_message"}},
		"no time":           {func(d *golang.Dnstap) { d.Message.ResponseTimeSec, d.Message.QueryTimeSec = nil, nil }, dnstap.DefaultTypes, []string{"drop bad_time"}},
		"time in 1970":      {func(d *golang.Dnstap) { *d.Message.ResponseTimeSec = 86400 }, dnstap.DefaultTypes, []string{"drop bad_time"}},
		"time in future":    {func(d *golang.Dnstap) { *d.Message.ResponseTimeSec = 1564617600 + 7200 }, dnstap.DefaultTypes, []string{"drop bad_time"}},
		"too old to keep":   {func(d *golang.Dnstap) { *d.Message.ResponseTimeSec -= 40 * 86400 }, dnstap.DefaultTypes, []string{"drop bad_time"}},
		"no message in it":  {func(d *golang.Dnstap) { d.Message = nil }, dnstap.DefaultTypes, []string{"drop malformed_frame"}},
		"records that lack": {func(d *golang.Dnstap) { d.Message.ResponseMessage = d.Message.ResponseMessage[:40] }, dnstap.DefaultTypes, []string{"drop malformed_message"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := sent()
			d.Message.ResponseMessage = response(t)
			tc.change(d)
			n := take(t, marshal(t, d), tc.types)
			if !slices.Equal(n.lines, tc.want) {
				t.Errorf("%s\nwant %s", strings.Join(n.lines, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

// take observes one frame at the time of the tests.
func take(t *testing.T, frame []byte, types dnstap.Types) *notebook {
	t.Helper()
	o := observation.New(observation.Options{Now: func() time.Time { return when }, Keep: 30 * 24 * time.Hour})
	taker := &dnstap.Taker{Observer: o, Types: types, Source: rrset.FromDnstap}
	n := new(notebook)
	workers := intake.Start(1, func(b *intake.Batch) { taker.Take(b, n) })
	b := workers.Get()
	b.Append(frame, time.Time{})
	workers.Put(b)
	workers.Close()
	return n
}

// TestTakePolicy: an answer that a policy has altered is not what was served. The
// library does not know the field.
func TestTakePolicy(t *testing.T) {
	d := sent()
	d.Message.ResponseMessage = response(t)
	frame := marshal(t, d)
	policy := protowire.AppendTag(nil, 15, protowire.BytesType)
	policy = protowire.AppendBytes(policy, nil)
	frame = protowire.AppendTag(frame, 14, protowire.BytesType) // more of the message: protobuf joins the two
	frame = protowire.AppendBytes(frame, policy)
	if n := take(t, frame, dnstap.DefaultTypes); !slices.Equal(n.lines, []string{"drop policy"}) {
		t.Errorf("%q", n.lines)
	}
}

func TestSensor(t *testing.T) {
	d := sent()
	d.Message.ResponseMessage = response(t)
	var told []string
	taker := &dnstap.Taker{Observer: observation.New(observation.Options{}), Sensor: func(identity []byte) { told = append(told, string(identity)) }}
	workers := intake.Start(1, func(b *intake.Batch) { taker.Take(b, new(notebook)) })
	b := workers.Get()
	b.Append(marshal(t, d), time.Time{})
	workers.Put(b)
	workers.Close()
	if !slices.Equal(told, []string{"resolver-1"}) {
		t.Errorf("%q", told)
	}
}

func TestParseTypes(t *testing.T) {
	for _, tc := range []struct {
		names string
		want  dnstap.Types
		err   string
	}{
		{"RESOLVER_RESPONSE forwarder_response", dnstap.DefaultTypes, ""},
		{"all", dnstap.AllTypes, ""},
		{"CLIENT_RESPONSE all", dnstap.AllTypes, ""},
		{"AUTH_RESPONSE", dnstap.NewTypes(dnstap.AuthResponse), ""},
		{"RESOLVER_QUERY", 0, "unknown type"},
		{"UPDATE_RESPONSE", 0, "unknown type"},
		{"A", 0, "want AUTH_RESPONSE, RESOLVER_RESPONSE"},
		{"", 0, "no type"},
	} {
		got, err := dnstap.ParseTypes(strings.Fields(tc.names))
		if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%q: %s, %v; want %s, %s", tc.names, got, err, tc.want, tc.err)
		}
	}
}
