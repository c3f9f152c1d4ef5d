package pdnscollect

import (
	"bytes"
	"fmt"
	golog "log"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	clog "github.com/coredns/coredns/plugin/pkg/log"
	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
)

// captureLog returns what the log is told from now on.
func captureLog(t *testing.T) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	golog.SetOutput(&b)
	t.Cleanup(clog.Discard)
	return &b
}

// sensorFrames are the frames of each sensor in the metrics.
func sensorFrames(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	frames := make(map[string]float64)
	for _, f := range families {
		if f.GetName() != "coredns_pdnscollect_dnstap_sensor_frames_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "sensor" {
					frames[l.GetValue()] = m.GetCounter().GetValue()
				}
			}
		}
	}
	return frames
}

func from(t testing.TB, identity string) *dnstap.Event {
	e := addressEvent(t, "www.example.")
	e.Zone, e.Identity = rrset.MustName("example"), []byte(identity)
	return e
}

// TestSensors: senders are told apart if the Corefile asks for it, and else not.
func TestSensors(t *testing.T) {
	log := captureLog(t)
	dir, socket := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "socket")
	s := start(t, listening(dir, socket, "sensor"))
	events := []*dnstap.Event{
		from(t, "resolver-1"), from(t, "resolver-1"), from(t, ""), from(t, "a\x1b[31m\nb\xff"), from(t, "resolver-1"),
		from(t, strings.Repeat("x", 256)), from(t, "\u202eevil"),
	}
	send(t, "unix", socket, events...)
	want := map[string]float64{"resolver-1": 3, "unnamed": 1, "a\uFFFD[31m\uFFFDb\uFFFD": 1, "other": 1, "\uFFFDevil": 1}
	eventually(t, func() bool { return maps.Equal(sensorFrames(t), want) })
	if err := s.reload(listening(dir, socket, "")); err != nil {
		t.Fatal(err)
	}
	if got := sensorFrames(t); len(got) != 0 {
		t.Errorf("sensors %v after the reload", got)
	}
	s.stop()
	if got := strings.Count(log.String(), `sensor "resolver-1"`); got != 1 {
		t.Errorf("the log names the sensor %d times:\n%s", got, log)
	}
}

func TestSensorsAreBounded(t *testing.T) {
	s := newSensors("test")
	var counting row
	const n = 1000
	for i := range n {
		counting.count(fmt.Appendf(nil, "sensor-%d", i), s)
		counting.count([]byte("sensor-0"), s)
	}
	counting.settle()
	frames := make(map[string]uint64)
	s.each(func(one *sensor) { frames[one.name] = one.frames.Load() })
	if len(frames) != maxSensors+1 || frames["other"] != n-maxSensors || frames["sensor-0"] != n+1 {
		t.Errorf("%d sensors: %v", len(frames), frames)
	}
}
