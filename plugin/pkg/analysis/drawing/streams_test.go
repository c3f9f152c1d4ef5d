package drawing_test

import (
	"io"
	"runtime"
	"testing"

	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// A gauge takes what is written and looks now and then at how much memory is in use.
type gauge struct {
	written, next int
	before, most  uint64
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (g *gauge) Write(b []byte) (int, error) {
	if g.written += len(b); g.written >= g.next {
		g.next = g.written + 512<<10
		g.most = max(g.most, inUse())
	}
	return len(b), nil
}

// TestStreams: what is written is not kept until all of it is there, which takes more
// memory than it has bytes.
func TestStreams(t *testing.T) {
	large := star(5000, numbered)
	for _, format := range []string{"stix", "html"} {
		g := &gauge{before: inUse()}
		if err := drawing.Write(io.Writer(g), format, large, drawing.Options{SVGOptions: drawing.SVGOptions{Column: -1}}); err != nil {
			t.Fatal(err)
		}
		kept := int64(g.most) - int64(g.before)
		if g.written < 3<<20 || kept > int64(g.written)*3/4 {
			t.Errorf("%s: %d bytes written, %d kept", format, g.written, kept)
		}
	}
	runtime.KeepAlive(large)
}
