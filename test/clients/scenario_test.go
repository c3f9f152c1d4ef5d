package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestScenarios runs the files beside it: what the store holds, what is typed at a
// shell, and all that comes back. A line that begins with "! " came by standard
// error.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
			d := newDesk(t)
			datadriven.RunTest(t, file, func(t *testing.T, data *datadriven.TestData) string {
				out, err := d.directive(data)
				if err != nil {
					data.Fatalf(t, "%v", err)
				}
				return out
			})
		})
	}
}

// directive does what one says.
func (d *desk) directive(data *datadriven.TestData) (string, error) {
	switch data.Cmd {
	case "store":
		d.recordWorld()
		return "", nil
	case "file":
		return "", os.WriteFile(filepath.Join(d.dir, data.CmdArgs[0].Key), []byte(data.Input+"\n"), 0o600)
	case "serve":
		d.serve(strings.Fields(data.Input)...)
		return "", nil
	case "$":
		return d.transcript(d.shell(data.Input)), nil
	default:
		return "", fmt.Errorf("unknown directive %q", data.Cmd)
	}
}

// transcript is what a person at the shell sees.
func (d *desk) transcript(s said) string {
	text := s.out
	for line := range strings.Lines(s.err) {
		text += "! " + line
	}
	if s.exit != 0 {
		text += fmt.Sprintf("exit %d\n", s.exit)
	}
	text = strings.ReplaceAll(text, d.dir, "DIR")
	if d.url != "" {
		text = strings.ReplaceAll(text, d.url, "SERVER")
	}
	return text
}
