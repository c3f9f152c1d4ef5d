package dnstap_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	golang "github.com/dnstap/golang-dnstap"
	"google.golang.org/protobuf/proto"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
)

// when is the time of messages in tests.
var when = time.Unix(1564617600, 0)

// sent is what a resolver sends that tells all it knows, the client included.
func sent() *golang.Dnstap {
	message, kind := golang.Message_RESOLVER_RESPONSE, golang.Dnstap_MESSAGE
	family, protocol := golang.SocketFamily_INET, golang.SocketProtocol_UDP
	return &golang.Dnstap{
		Identity: []byte("resolver-1"), Version: []byte("9"), Extra: []byte("extra"), Type: &kind,
		Message: &golang.Message{
			Type: &message, SocketFamily: &family, SocketProtocol: &protocol,
			QueryAddress: []byte{10, 1, 2, 3}, ResponseAddress: []byte{10, 1, 2, 4},
			QueryPort: proto.Uint32(54321), ResponsePort: proto.Uint32(53),
			QueryTimeSec: proto.Uint64(1564617599), QueryTimeNsec: proto.Uint32(7),
			ResponseTimeSec: proto.Uint64(1564617600), ResponseTimeNsec: proto.Uint32(8),
			QueryMessage: []byte("query"), ResponseMessage: []byte("response"), QueryZone: rrset.MustName("example.com"),
		},
	}
}

func marshal(tb testing.TB, d *golang.Dnstap) []byte {
	tb.Helper()
	frame, err := proto.MarshalOptions{AllowPartial: true}.Marshal(d)
	if err != nil {
		tb.Fatal(err)
	}
	return frame
}

func TestParse(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*golang.Dnstap)
		want   func(*dnstap.Event)
	}{
		"all":                  {func(*golang.Dnstap) {}, func(*dnstap.Event) {}},
		"no identity":          {func(d *golang.Dnstap) { d.Identity = nil }, func(e *dnstap.Event) { e.Identity = nil }},
		"no zone":              {func(d *golang.Dnstap) { d.Message.QueryZone = nil }, func(e *dnstap.Event) { e.Zone = nil }},
		"no response":          {func(d *golang.Dnstap) { d.Message.ResponseMessage = nil }, func(e *dnstap.Event) { e.Response = nil }},
		"time of the query":    {func(d *golang.Dnstap) { d.Message.ResponseTimeSec = nil }, func(e *dnstap.Event) { e.Time = time.Unix(1564617599, 7) }},
		"response at 0":        {func(d *golang.Dnstap) { d.Message.ResponseTimeSec = proto.Uint64(0) }, func(e *dnstap.Event) { e.Time = time.Unix(1564617599, 7) }},
		"seconds past all":     {func(d *golang.Dnstap) { d.Message.ResponseTimeSec = proto.Uint64(1 << 63) }, func(e *dnstap.Event) { e.Time = time.Unix(1564617599, 7) }},
		"nanoseconds past all": {func(d *golang.Dnstap) { d.Message.ResponseTimeNsec = proto.Uint32(1e9) }, func(e *dnstap.Event) { e.Time = time.Unix(1564617599, 7) }},
		"no time": {func(d *golang.Dnstap) { d.Message.ResponseTimeSec, d.Message.QueryTimeSec = nil, nil },
			func(e *dnstap.Event) { e.Time = time.Time{} }},
		"type to come":  {func(d *golang.Dnstap) { *d.Message.Type = 77 }, func(e *dnstap.Event) { e.Type = 77 }},
		"type past all": {func(d *golang.Dnstap) { *d.Message.Type = 1 << 20 }, func(e *dnstap.Event) { e.Type = 255 }},
	} {
		t.Run(name, func(t *testing.T) {
			d := sent()
			tc.change(d)
			want := dnstap.Event{
				Type: dnstap.ResolverResponse, Time: time.Unix(1564617600, 8), Zone: rrset.MustName("example.com"),
				Identity: []byte("resolver-1"), Response: []byte("response"),
			}
			tc.want(&want)
			var got dnstap.Event
			if err := dnstap.Parse(marshal(t, d), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestParsePolicy(t *testing.T) {
	// Field 15 of the message, which the library of 2020 does not know.
	frame := []byte("\x72\x04\x08\x04\x7a\x00\x78\x01")
	var e dnstap.Event
	if err := dnstap.Parse(frame, &e); err != nil || !e.Policy {
		t.Errorf("policy %v, error %v", e.Policy, err)
	}
}

func TestParseBad(t *testing.T) {
	whole := marshal(t, sent())
	other := sent()
	*other.Type = 2
	for name, tc := range map[string]struct {
		frame []byte
		want  string
	}{
		"empty":            {nil, "type 0"},
		"no protobuf":      {[]byte("GET / HTTP/1.1\r\n\r\n"), "field"},
		"cut off":          {whole[:len(whole)-3], "field"},
		"another kind":     {marshal(t, other), "type 2"},
		"no message":       {[]byte("\x78\x01"), "no message"},
		"message untyped":  {[]byte("\x72\x00\x78\x01"), "no message"},
		"message cut off":  {[]byte("\x72\x02\x08\x80\x78\x01"), "field 1"},
		"length of nobody": {[]byte("\x72\xff\xff\xff\xff\x0f\x78\x01"), "field 14"},
	} {
		t.Run(name, func(t *testing.T) {
			var e dnstap.Event
			err := dnstap.Parse(tc.frame, &e)
			if !errors.Is(err, dnstap.ErrFrame) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one about %q", err, tc.want)
			}
		})
	}
}

// TestAppend: an event that is written is one that other programs read, and no
// field of it is about a client.
func TestAppend(t *testing.T) {
	e := dnstap.Event{
		Type: dnstap.ResolverResponse, Time: time.Unix(1564617600, 8), Zone: rrset.MustName("example.com"),
		Identity: []byte("sensor"), Response: bytes.Repeat([]byte("r"), 1000),
	}
	frame := dnstap.Append(nil, &e)
	var again dnstap.Event
	if err := dnstap.Parse(frame, &again); err != nil || !reflect.DeepEqual(again, e) {
		t.Errorf("%+v, want %+v (%v)", again, e, err)
	}
	d := new(golang.Dnstap)
	if err := proto.Unmarshal(frame, d); err != nil {
		t.Fatal(err)
	}
	want := sent()
	want.Identity, want.Version, want.Extra, want.Message.ResponseMessage = e.Identity, nil, nil, e.Response
	m := want.Message
	m.SocketFamily, m.SocketProtocol, m.QueryAddress, m.ResponseAddress, m.QueryPort, m.ResponsePort = nil, nil, nil, nil, nil, nil
	m.QueryTimeSec, m.QueryTimeNsec, m.QueryMessage = nil, nil, nil
	if !proto.Equal(d, want) {
		t.Errorf("%v, want %v", d, want)
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	frame := marshal(t, sent())
	var e dnstap.Event
	if n := testing.AllocsPerRun(100, func() { dnstap.Parse(frame, &e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParse reads any octets, with the generated decoder as the oracle.
func FuzzParse(f *testing.F) {
	f.Add(marshal(f, sent()))
	f.Add([]byte("\x72\x04\x08\x04\x7a\x00\x78\x01"))
	f.Add([]byte("\x72\x02\x08\x04\x72\x03\x5a\x01\x00\x78\x01"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		var e dnstap.Event
		err := dnstap.Parse(frame, &e)
		d := new(golang.Dnstap)
		switch known := proto.Unmarshal(frame, d) == nil; {
		case !known:
			return // it wants all required fields, and enumerations that it knows
		case d.GetType() != golang.Dnstap_MESSAGE || d.Message == nil || *d.Message.Type == 0:
			if err == nil {
				t.Errorf("no error, but the library reads %v", d)
			}
			return
		case err != nil:
			t.Fatalf("%v; the library reads %v", err, d)
		}
		m := d.Message
		if uint32(*m.Type) < 256 && e.Type != dnstap.Type(*m.Type) ||
			!bytes.Equal(e.Identity, d.Identity) || !bytes.Equal(e.Zone, m.QueryZone) || !bytes.Equal(e.Response, m.ResponseMessage) {
			t.Errorf("%+v; the library reads %v", e, d)
		}
	})
}
