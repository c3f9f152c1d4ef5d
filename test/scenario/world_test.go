package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/store"
)

// corefile starts the server or reloads it; a load that fails leaves the server
// as it was and shows why.
func (s *scenario) corefile(d *datadriven.TestData) (string, error) {
	return "", s.server.load(d.Input)
}

// restart stops the server and starts it with the same Corefile.
func (s *scenario) restart(*datadriven.TestData) (string, error) {
	corefile := s.server.corefile
	s.server.stop()
	return "", s.server.load(corefile)
}

func (s *scenario) stop(*datadriven.TestData) (string, error) {
	s.server.stop()
	return "", nil
}

// flush brings to disk what was recorded, so that the command sees it.
func (s *scenario) flush(*datadriven.TestData) (string, error) {
	for dir, open := range lease.Stores() {
		if err := open.Flush(s.t.Context()); err != nil {
			return "", fmt.Errorf("%s: %w", dir, err)
		}
	}
	return "", nil
}

// answers tells the upstream what to answer, or makes it silent (down, up).
func (s *scenario) answers(d *datadriven.TestData) (string, error) {
	for _, w := range words(d) {
		s.upstream.Down(w == "down")
	}
	return "", s.upstream.Set(d.Input)
}

// asked shows what the upstream was asked since the last time.
func (s *scenario) asked(*datadriven.TestData) (string, error) {
	return strings.Join(s.upstream.Asked(), "\n"), nil
}

// time lets time pass (+1h30m, +400d) or sets it (2019-08-01T12:00:00Z).
func (s *scenario) time(d *datadriven.TestData) (string, error) {
	w := words(d)
	if len(w) != 1 {
		return "", fmt.Errorf("want a duration or a time")
	}
	if days, ok := strings.CutSuffix(w[0], "d"); ok {
		var n int
		if _, err := fmt.Sscanf(days, "+%d", &n); err != nil {
			return "", err
		}
		s.setTime(s.now.AddDate(0, 0, n))
		return "", nil
	}
	if step, ok := strings.CutPrefix(w[0], "+"); ok {
		by, err := time.ParseDuration(step)
		s.setTime(s.now.Add(by))
		return "", err
	}
	now, err := time.Parse(time.RFC3339, w[0])
	s.setTime(now)
	return "", err
}

// file writes its input into the scenario's directory.
func (s *scenario) file(d *datadriven.TestData) (string, error) {
	return "", os.WriteFile(filepath.Join(s.dir, words(d)[0]), []byte(d.Input+"\n"), 0o600)
}

// damage harms files of the scenario's directory, given as a pattern: cut=N
// leaves N bytes of them, flip=N turns a bit of the
// byte at N, flip=PLACE one that Verify finds at that place. The word remove
// removes them.
func (s *scenario) damage(d *datadriven.TestData) (string, error) {
	w := words(d)
	files, err := filepath.Glob(filepath.Join(s.dir, w[0]))
	if err != nil || len(files) == 0 || len(w) != 2 {
		return "", fmt.Errorf("%d files to damage: %w", len(files), err)
	}
	for _, f := range files {
		if err := harm(f, w[1]); err != nil {
			return "", err
		}
	}
	return "", nil
}

func harm(file, how string) error {
	if how == "remove" {
		return os.Remove(file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	kind, where, _ := strings.Cut(how, "=")
	n, err := strconv.Atoi(where)
	switch {
	case kind == "flip" && err != nil:
		return flip(file, content, where)
	case err != nil || n >= len(content):
		return fmt.Errorf("%s: want flip=PLACE, or cut=N or flip=N below %d", how, len(content))
	case kind == "cut":
		content = content[:n]
	default:
		content[n] ^= 1
	}
	return os.WriteFile(file, content, 0o600)
}

// flip turns the last bit whose turn a checksum shows, at a place and nowhere
// else: where that is changes with what else the file holds.
func flip(file string, content []byte, place string) error {
	for at := len(content) - 1; at >= 0; at -= 5 {
		content[at] ^= 1
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
		var found []string
		err := store.Verify(context.Background(), file, func(f store.Finding) { found = append(found, fmt.Sprint(f.Place, f.Err)) }, nil)
		if err == nil && len(found) == 1 && strings.HasPrefix(found[0], place) && strings.Contains(found[0], "checksum") {
			return nil
		}
		content[at] ^= 1
	}
	return fmt.Errorf("no bit of %s is at %q", file, place)
}

// pdns runs the command beside the server, in the scenario's directory and at
// its time, and shows standard output, standard error and an exit code other
// than 0.
func (s *scenario) pdns(d *datadriven.TestData) (string, error) {
	var out strings.Builder
	for _, line := range lines(d) {
		var stdout, stderr bytes.Buffer
		cmd := s.command(line)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		out.Write(bytes.ReplaceAll(stdout.Bytes(), []byte("\t"), []byte("  ")))
		for l := range strings.Lines(stderr.String()) {
			fmt.Fprintf(&out, "stderr: %s\n", strings.TrimSuffix(l, "\n"))
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			fmt.Fprintf(&out, "exit %d\n", exit.ExitCode())
		} else if err != nil {
			return out.String(), err
		}
	}
	return out.String(), nil
}

// command is one in the scenario's directory, at its time.
func (s *scenario) command(args []string) *exec.Cmd {
	cmd := exec.Command(binaries.PDNS, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "PDNS_STORE=store", "PDNS_NOW="+s.now.Format(time.RFC3339), "NO_COLOR=1", "TZ=UTC")
	return cmd
}

// counted shows the counters that begin with a prefix and have grown since the
// scenario began, and by how much.
func (s *scenario) counted(d *datadriven.TestData) (string, error) {
	var out []string
	for name, v := range gather(s.t) {
		if grown := v - s.metrics[name]; grown != 0 && strings.HasPrefix(name, words(d)[0]) {
			out = append(out, fmt.Sprintf("%s %g", name, grown))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n"), nil
}

// gather reads the counters of this process.
func gather(t *testing.T) map[string]float64 {
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counters := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetType() == dto.MetricType_COUNTER {
				counters[f.GetName()+labels(m)] += m.GetCounter().GetValue()
			}
		}
	}
	return counters
}

func labels(m *dto.Metric) string {
	var l []string
	for _, p := range m.GetLabel() {
		if p.GetName() != "server" { // the port differs from run to run
			l = append(l, fmt.Sprintf("%s=%q", p.GetName(), p.GetValue()))
		}
	}
	if len(l) == 0 {
		return ""
	}
	return "{" + strings.Join(l, ",") + "}"
}
