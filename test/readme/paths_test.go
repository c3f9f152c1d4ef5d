package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are those whose paths and links are checked.
var documents = []string{"README.md", "test/README.md", "plugin/pdnscollect/README.md", "plugin/pdnsquery/README.md"}

var (
	path = regexp.MustCompile("`((?:plugin|cmd|test)/[^` *]*)`")
	link = regexp.MustCompile(`\]\(([^)#: ]+)\)`)
)

// TestPaths: files that the documents name are there.
func TestPaths(t *testing.T) {
	for _, doc := range documents {
		content, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for _, m := range path.FindAllStringSubmatch(string(content), -1) {
			named = append(named, m[1])
		}
		for _, m := range link.FindAllStringSubmatch(string(content), -1) {
			named = append(named, filepath.Join(filepath.Dir(doc), m[1]))
		}
		for _, n := range named {
			if _, err := os.Stat(filepath.Join(root, strings.TrimSuffix(n, "/"))); err != nil {
				t.Errorf("%s names %s: %v", doc, n, err)
			}
		}
	}
}
