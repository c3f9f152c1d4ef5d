// Package policy holds what the project asks of all its code, as tests: who may
// know whom, how long a file may be, what must be written about it.
package policy

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module   = "example.org/pdns"
	root     = "../.."
	maxLines = 400
)

// files are the paths of the tree, from its root, that match.
func files(t *testing.T, match func(path string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || rel == "bin" || rel == "pdns-data"):
			return filepath.SkipDir
		case !d.IsDir() && match(rel):
			found = append(found, rel)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files: %v", len(found), err)
	}
	return found
}

func isGo(path string) bool { return strings.HasSuffix(path, ".go") }

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLength: a file longer than this holds a second concept.
func TestLength(t *testing.T) {
	for _, f := range files(t, isGo) {
		if n := bytes.Count(read(t, f), []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, of at most %d", f, n, maxLines)
		}
	}
}

// TestPackageComments: every package says what it is.
func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range files(t, isGo) {
		dir := filepath.Dir(f)
		file := parse(t, f)
		documented[dir] = documented[dir] || file.Doc.Text() != ""
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, read(t, path), parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestUnfinished: what is not there yet is an issue, not a comment.
func TestUnfinished(t *testing.T) {
	mark := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX|HA` + `CK)\b`)
	for _, f := range files(t, isGo) {
		if m := mark.Find(read(t, f)); m != nil {
			t.Errorf("%s says %s", f, m)
		}
	}
}

// TestNames: a package is named for what it holds.
func TestNames(t *testing.T) {
	for _, f := range files(t, isGo) {
		for _, part := range strings.Split(f, "/") {
			if slices.Contains([]string{"util", "utils", "helper", "helpers", "common", "misc"}, strings.TrimSuffix(part, ".go")) {
				t.Errorf("%s says nothing about what is in it", f)
			}
		}
	}
}

// rules say what packages may not depend on, not even through others.
var rules = []struct {
	packages []string // below the module
	never    []string // import paths, with all below
}{
	{
		knowsNeither,
		[]string{"github.com/coredns", module + "/plugin/pkg/lease", module + "/cmd"},
	},
	{
		[]string{"plugin/pkg/..."},
		[]string{module + "/plugin/pdnscollect", module + "/plugin/pdnsquery", module + "/cmd", module + "/test"},
	},
	{
		[]string{"cmd/...", "plugin/..."},
		[]string{module + "/test", "testing"},
	},
	{
		[]string{"plugin/pdnscollect"},
		[]string{module + "/plugin/pdnsquery", "github.com/coredns/coredns/core/plugin"},
	},
	{
		[]string{"plugin/pdnsquery"},
		[]string{module + "/plugin/pdnscollect", "github.com/coredns/coredns/core/plugin"},
	},
	{
		[]string{"cmd/coredns"},
		[]string{"github.com/coredns/coredns/core/plugin"},
	},
}

// knowsNeither are packages that know neither CoreDNS nor HTTP.
var knowsNeither = []string{"plugin/pkg/rrset", "plugin/pkg/observation", "plugin/pkg/cof", "plugin/pkg/store", "plugin/pkg/question"}

// TestNoHTTP: neither these nor what they need of this module imports net/http. A
// library may: that of public suffixes does, for an interface.
func TestNoHTTP(t *testing.T) {
	for _, pkg := range knowsNeither {
		for _, line := range golist(t, "-deps", "-f", `{{.ImportPath}}={{join .Imports ","}}`, module+"/"+pkg) {
			dep, imports, _ := strings.Cut(line, "=")
			if strings.HasPrefix(dep, module+"/") && slices.Contains(strings.Split(imports, ","), "net/http") {
				t.Errorf("%s depends on %s, which imports net/http", pkg, dep)
			}
		}
	}
}

// TestDependencies: they go one way.
func TestDependencies(t *testing.T) {
	for _, rule := range rules {
		for _, pattern := range rule.packages {
			for _, pkg := range golist(t, "-f", "{{.ImportPath}}", module+"/"+pattern) {
				for _, dep := range golist(t, "-deps", "-f", "{{.ImportPath}}", pkg) {
					for _, never := range rule.never {
						if dep == never || strings.HasPrefix(dep, never+"/") {
							t.Errorf("%s depends on %s", strings.TrimPrefix(pkg, module+"/"), dep)
						}
					}
				}
			}
		}
	}
}

func golist(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	return strings.Fields(string(out))
}

// TestPluginManuals: the README of a plugin is a man page, as CoreDNS's are.
func TestPluginManuals(t *testing.T) {
	sections := []string{"## Name", "## Description", "## Syntax", "## Examples", "## See Also"}
	for _, plugin := range []string{"pdnscollect", "pdnsquery"} {
		text := string(read(t, "plugin/"+plugin+"/README.md"))
		at := -1
		for _, s := range sections {
			next := strings.Index(text, "\n"+s+"\n")
			if next < at || next < 0 {
				t.Errorf("%s: %q is missing or out of order", plugin, s)
			}
			at = next
		}
		if !strings.Contains(text, "\n*"+plugin+"* - ") {
			t.Errorf("%s: the name's line is not *%s* - what it does", plugin, plugin)
		}
		if !strings.Contains(text, "~~~ corefile\n") {
			t.Errorf("%s: no Corefile among the examples", plugin)
		}
	}
}

// TestScripts: a shell script stops at its first error.
func TestScripts(t *testing.T) {
	for _, f := range append(files(t, func(p string) bool { return strings.HasSuffix(p, ".sh") }), ".ci/run") {
		text := read(t, f)
		if !bytes.HasPrefix(text, []byte("#!/usr/bin/env bash\n")) || !bytes.Contains(text, []byte("\nset -euo pipefail\n")) {
			t.Errorf("%s: want #!/usr/bin/env bash and set -euo pipefail", f)
		}
	}
}
