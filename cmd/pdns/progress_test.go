package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestBar: a bar has no units but octets, and when it is done its line is free.
func TestBar(t *testing.T) {
	for _, bytesCounted := range []bool{true, false} {
		var b bytes.Buffer
		p := &program{err: &b, errTerminal: true}
		g := p.progress("import", bytesCounted)
		g.report(1<<19, 0) // not known yet
		g.report(1<<20, 4<<20)
		g.report(2<<20, 4<<20)
		if shown := b.String(); !strings.Contains(shown, "import") || strings.Contains(shown, "it/") {
			t.Errorf("shown %q", shown)
		}
		g.done()
		g.report(3<<20, 4<<20)
		_, last, _ := strings.Cut(b.String()[strings.LastIndex(b.String(), "import"):], "\r")
		if strings.Trim(last, " \r") != "" {
			t.Errorf("left on the line: %q", last)
		}
	}
}
