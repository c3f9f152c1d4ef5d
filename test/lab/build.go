package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Module is the module's path, and so the start of every package's.
const Module = "example.org/pdns"

// Binaries are the programs under test.
type Binaries struct{ Dir, CoreDNS, PDNS string }

// Build builds the programs into a new directory, which Remove deletes. For
// TestMain: one build serves a whole package.
func Build() (*Binaries, error) {
	dir, err := os.MkdirTemp("", "pdns-bin-")
	if err != nil {
		return nil, err
	}
	b := &Binaries{Dir: dir, CoreDNS: filepath.Join(dir, "coredns"), PDNS: filepath.Join(dir, "pdns")}
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), Module+"/cmd/coredns", Module+"/cmd/pdns")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Remove()
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return b, nil
}

// Remove deletes the binaries.
func (b *Binaries) Remove() { _ = os.RemoveAll(b.Dir) }
