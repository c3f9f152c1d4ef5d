package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.org/pdns/test/lab"
)

// ported are words with the ports that are used in place of the README's.
func (d *desk) ported(words []string) []string {
	var changed []string
	for _, w := range words {
		for port, used := range d.ports {
			if before, ok := strings.CutSuffix(w, ":"+port); ok {
				w = before + ":" + used
			}
		}
		changed = append(changed, w)
	}
	return changed
}

// unported is text with the README's ports again.
func (d *desk) unported(text string) string {
	for port, used := range d.ports {
		text = strings.ReplaceAll(text, "127.0.0.1:"+used, "127.0.0.1:"+port)
	}
	return text
}

// tool runs a program that may be missing, but not in CI: what it prints is then
// what the README has.
func (d *desk) tool(b block, words []string) string {
	d.t.Helper()
	if _, err := exec.LookPath(words[0]); err != nil {
		if os.Getenv("CI") == "true" {
			d.t.Error(err)
		}
		d.t.Logf("README.md:%d: %v is not run: %v", b.line, words, err)
		_, after, _ := strings.Cut(b.text, "$ "+strings.Join(words, " ")+"\n")
		want, _, _ := strings.Cut(after, "\n$ ")
		return want
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), d.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Errorf("README.md:%d: %v: %v", b.line, words, err)
	}
	return string(out)
}

// serve runs pdns in the background, and returns what it tells when it serves.
func (d *desk) serve(words []string) string {
	d.t.Helper()
	d.ports["8054"] = lab.FreePort(d.t, "127.0.0.1")
	if last := len(words) - 1; words[last] == "&" {
		words = words[:last]
	}
	p := lab.Start(d.t, d.dir, filepath.Join(binaries.Dir, "pdns"), d.ported(words)...)
	lab.Wait(d.t, "what pdns serve tells", func() bool { return strings.Contains(p.Output(), "DNSDB_SERVER=") })
	return d.unported(p.Output())
}
