package scenario

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestInvestigate runs the scripts of testdata: pdns investigate from a name, a link or a
// mail to the report. It is 2019-09-01.
func TestInvestigate(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", binaries.Dir+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("PDNS_STORE", "store")
			e.Setenv("PDNS_NOW", "2019-09-01T00:00:00Z")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"story": writeStory,
			"cdn":   writeCDN,
			"alone": alone,
			"large": largeMail,
		},
	})
}

// exits CODE COMMAND... runs a command and checks its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// The article: a lure in a mail had two addresses, one after the other, with 42 and 44
// names on them. Nine of these moved on to a third address, where they are among 1,475:
// there is the payment page.
const (
	lure      = "parcel-notice.example"
	payment   = "secure-payment.example"
	firstHome = "192.0.2.42"
	nextHome  = "192.0.2.44"
	till      = "198.51.100.14"
	edge      = "203.0.113.80"
)

// writeStory FILE writes that history in the common output format.
func writeStory(ts *testscript.TestScript, _ bool, args []string) {
	write(ts, args[0], func(see func(name, rrtype, rdata, first, last string, count int)) {
		see(lure, "A", firstHome, "08-01", "08-10", 14)
		see(lure, "A", nextHome, "08-11", "08-20", 9)
		see(lure, "NXDOMAIN", "", "07-25", "07-26", 3)
		see("first03.example", "NXDOMAIN", "", "07-25", "07-26", 1)
		for i := range 41 {
			see(fmt.Sprintf("first%02d.example", i), "A", firstHome, "08-02", "08-09", 2)
		}
		for i := range 43 {
			see(fmt.Sprintf("second%02d.example", i), "A", nextHome, "08-12", "08-19", 2)
		}
		for i := range 9 {
			see(fmt.Sprintf("first%02d.example", i), "A", till, "08-15", "08-30", 1)
		}
		see(payment, "A", till, "08-14", "08-30", 31)
		see(payment, "NS", "ns1.bulletproof.test.", "08-14", "08-30", 1)
		for i := range 1475 - 10 {
			name := fmt.Sprintf("desk%04d.example", i)
			see(name, "A", till, "08-16", "08-29", 1)
			if i < 1200 {
				see(name, "NS", "ns1.bulletproof.test.", "08-16", "08-29", 1)
			}
		}
		for i := range 300 { // before the scheme came, somebody else was there
			see(fmt.Sprintf("former%03d.example", i), "A", firstHome, "01-01", "02-01", 1)
		}
	})
}

// writeCDN FILE writes what drowns a map: an address of a CDN with 50,000 names, those of
// the scheme among them.
func writeCDN(ts *testscript.TestScript, _ bool, args []string) {
	write(ts, args[0], func(see func(name, rrtype, rdata, first, last string, count int)) {
		names := []string{lure, payment, "only-at-the-edge.example"}
		for i := range 41 {
			names = append(names, fmt.Sprintf("first%02d.example", i))
		}
		for i := range 50_000 {
			name := fmt.Sprintf("customer%05d.test", i)
			if i < len(names) {
				name = names[i]
			}
			see(name, "A", edge, "08-01", "08-30", 1)
		}
	})
}

func write(ts *testscript.TestScript, file string, fill func(see func(name, rrtype, rdata, first, last string, count int))) {
	f, err := os.Create(ts.MkAbs(file))
	ts.Check(err)
	defer f.Close()
	out := bufio.NewWriter(f)
	day := func(s string) int64 {
		d, err := time.Parse(time.DateOnly, "2019-"+s)
		ts.Check(err)
		return d.Unix()
	}
	fill(func(name, rrtype, rdata, first, last string, count int) {
		if rdata = strconv.Quote(rdata); rdata == `""` {
			rdata = ""
		}
		fmt.Fprintf(out, `{"rrname":"%s.","rrtype":"%s","rdata":[%s],"time_first":%d,"time_last":%d,"count":%d,"bailiwick":"%s."}`+"\n",
			name, rrtype, rdata, day(first), day(last), count, name)
	})
	ts.Check(out.Flush())
}

// outside is what makes a page ask for something: an address in an attribute, or a style.
var outside = regexp.MustCompile(`(?i)\b(?:href|src|srcset|action|data|poster|background|xlink:href)\s*=\s*["']?[^#"'\s>][^>\s]*|url\([^#)]|@import`)

// alone FILE checks that a page refers to nothing outside and lets nothing be asked for.
func alone(ts *testscript.TestScript, _ bool, args []string) {
	page := ts.ReadFile(args[0])
	if found := outside.FindString(page); found != "" {
		ts.Fatalf("%s refers to something: %s", args[0], found)
	}
	if !strings.Contains(page, `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;`) {
		ts.Fatalf("%s has no policy", args[0])
	}
}

// largeMail FILE writes a mail of 20 MB whose parts lie in parts.
func largeMail(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	b.WriteString("From: Parcel <x@" + lure + ">\nContent-Type: multipart/mixed; boundary=b0\n\n")
	for depth := 1; depth < 15; depth++ {
		fmt.Fprintf(&b, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", depth-1, depth)
	}
	filler := strings.Repeat("nothing to see here, and nothing there\n", 500)
	for b.Len() < 20<<20 {
		b.WriteString("--b14\nContent-Type: text/html\n\n<a href=https://" + lure + ">" + filler)
	}
	for depth := 14; depth >= 0; depth-- {
		fmt.Fprintf(&b, "\n--b%d--\n", depth)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}
