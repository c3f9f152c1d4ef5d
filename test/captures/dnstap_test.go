package captures

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dnstap "github.com/dnstap/golang-dnstap"
	"github.com/klauspost/compress/zstd"
	"github.com/miekg/dns"
	"google.golang.org/protobuf/proto"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A model is a history as anyone would keep it: a Sink.
type model map[string]*rrset.RRset

func identity(r *rrset.RRset) string {
	return fmt.Sprintf("%x %d %x %x", r.Owner, r.Type, r.Bailiwick, r.Rdata)
}

// Observe implements observation.Sink.
func (m model) Observe(r *rrset.RRset) {
	if held := m[identity(r)]; held != nil {
		held.Add(&r.Figures)
		return
	}
	m[identity(r)] = r.Clone()
}

// Drop implements observation.Sink.
func (m model) Drop(observation.Reason) {}

// decoded observes the messages of some types in a frame stream, as read by the
// libraries that everybody else uses.
func decoded(t *testing.T, file string, types []string) model {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if filepath.Ext(file) == ".zst" {
		z, err := zstd.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		in = z
	}
	frames, err := dnstap.NewReader(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := model{}
	o := observation.New(observation.Options{Now: time.Now})
	frame := make([]byte, 1<<20)
	for {
		n, err := frames.ReadFrame(frame)
		if err == io.EOF {
			return m
		}
		if err != nil {
			t.Fatal(err)
		}
		var d dnstap.Dnstap
		if err := proto.Unmarshal(frame[:n], &d); err != nil {
			t.Fatal(err)
		}
		observe(o, d.GetMessage(), types, m)
	}
}

func observe(o *observation.Observer, m *dnstap.Message, types []string, into model) {
	response := new(dns.Msg)
	if !slices.Contains(types, m.GetType().String()) || response.Unpack(m.GetResponseMessage()) != nil {
		return
	}
	zone := bytes.ToLower(m.GetQueryZone())
	if len(zone) == 0 {
		zone = nil
	}
	at := time.Unix(int64(m.GetResponseTimeSec()), int64(m.GetResponseTimeNsec()))
	if m.ResponseTimeSec == nil {
		at = time.Unix(int64(m.GetQueryTimeSec()), 0)
	}
	o.Observe(observation.Message{Response: response, Time: at, Zone: zone, Source: rrset.FromImport}, into)
}

// TestFrames: what is taken of a frame stream is, to the last figure, what the
// plain way takes.
func TestFrames(t *testing.T) {
	files := append(madeStreams(t), realFiles(t, ".fstrm", ".dnstap")...)
	for _, file := range files {
		if name := filepath.Base(file); name == "bind-invalid-message-type.dnstap" {
			t.Run(name, func(t *testing.T) { noStream(t, file) })
			continue
		}
		for _, types := range []string{"RESOLVER_RESPONSE,FORWARDER_RESPONSE", "CLIENT_RESPONSE", "AUTH_RESPONSE,TOOL_RESPONSE,STUB_RESPONSE"} {
			t.Run(filepath.Base(file)+" "+types, func(t *testing.T) {
				history, said, code := imported(t, file, "--types", types)
				if code != 0 {
					t.Errorf("exit status %d", code)
				}
				compare(t, history, decoded(t, file, strings.Split(types, ",")))
				t.Logf("%d RRsets\n%s", len(history), said)
			})
		}
	}
}

func compare(t *testing.T, history []*rrset.RRset, want model) {
	t.Helper()
	wrong := 0
	for _, r := range history {
		w := want[identity(r)]
		delete(want, identity(r))
		if w == nil || w.Figures != r.Figures {
			if wrong++; wrong < 10 {
				t.Errorf("%s %s %v: %+v, want %+v", rrset.NameString(r.Owner), rrset.TypeString(r.Type), r.Rdata, r.Figures, w)
			}
		}
	}
	if len(want) > 0 || wrong > 0 {
		t.Errorf("%d RRsets are missing, %d are wrong", len(want), wrong)
	}
}

// noStream: one message without the frame around it is no frame stream.
func noStream(t *testing.T, file string) {
	if history, said, code := imported(t, file); code != 2 || len(history) > 0 || !strings.Contains(said, "is of no kind that import knows") {
		t.Errorf("exit status %d, %d RRsets\n%s", code, len(history), said)
	}
}
