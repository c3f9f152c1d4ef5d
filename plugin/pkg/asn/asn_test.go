package asn_test

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"example.org/pdns/plugin/pkg/asn"
)

var built = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// database is one of a type, of records by network.
func database(t testing.TB, kind string, o mmdbwriter.Options, records map[string]mmdbtype.Map) []byte {
	t.Helper()
	o.DatabaseType, o.BuildEpoch, o.IncludeReservedNetworks = kind, built.Unix(), true
	o.Description = map[string]string{"en": "made by a test"}
	tree, err := mmdbwriter.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for network, r := range records {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func maxmind(number uint32, name string) mmdbtype.Map {
	return mmdbtype.Map{
		"autonomous_system_number":       mmdbtype.Uint32(number),
		"autonomous_system_organization": mmdbtype.String(name),
	}
}

func geolite(t testing.TB) []byte {
	return database(t, "GeoLite2-ASN", mmdbwriter.Options{}, map[string]mmdbtype.Map{
		"192.0.2.0/24":    maxmind(64500, "Example"),
		"198.51.100.0/25": maxmind(4200000001, ""),
		"203.0.113.0/24":  {"autonomous_system_organization": mmdbtype.String("without a number")},
		"2001:db8::/32":   maxmind(64501, "Example Six"),
	})
}

func TestLookup(t *testing.T) {
	ipinfo := database(t, "ipinfo bundle_location_lite.mmdb", mmdbwriter.Options{RecordSize: 32}, map[string]mmdbtype.Map{
		"192.0.2.0/24": {"asn": mmdbtype.String("AS64502"), "as_name": mmdbtype.String("Example GmbH"), "country_code": mmdbtype.String("DE")},
		"192.0.3.0/24": {"asn": mmdbtype.String("as64503"), "name": mmdbtype.String("Example Ltd")},
		"192.0.4.0/24": {"asn": mmdbtype.String("")},
	})
	four := database(t, "DBIP-ASN-Lite", mmdbwriter.Options{IPVersion: 4, RecordSize: 24}, map[string]mmdbtype.Map{"192.0.2.0/24": maxmind(64504, "Four")})
	tests := []struct {
		name, address string
		db            []byte
		want          asn.Origin // zero: none
	}{
		{"MaxMind", "192.0.2.77", geolite(t), asn.Origin{Number: 64500, Organisation: "Example", Network: netip.MustParsePrefix("192.0.2.0/24")}},
		{"a number of 32 bits, no name", "198.51.100.1", geolite(t), asn.Origin{Number: 4200000001, Network: netip.MustParsePrefix("198.51.100.0/25")}},
		{"not announced", "198.51.100.200", geolite(t), asn.Origin{}},
		{"a record without a number", "203.0.113.1", geolite(t), asn.Origin{}},
		{"IPv6", "2001:db8::1", geolite(t), asn.Origin{Number: 64501, Organisation: "Example Six", Network: netip.MustParsePrefix("2001:db8::/32")}},
		{"IPv4 mapped", "::ffff:192.0.2.77", geolite(t), asn.Origin{Number: 64500, Organisation: "Example", Network: netip.MustParsePrefix("192.0.2.0/24")}},
		{"a zone", "2001:db8::1%eth0", geolite(t), asn.Origin{Number: 64501, Organisation: "Example Six", Network: netip.MustParsePrefix("2001:db8::/32")}},
		{"IPinfo", "192.0.2.77", ipinfo, asn.Origin{Number: 64502, Organisation: "Example GmbH", Network: netip.MustParsePrefix("192.0.2.0/24")}},
		{"IPinfo, a company", "192.0.3.77", ipinfo, asn.Origin{Number: 64503, Organisation: "Example Ltd", Network: netip.MustParsePrefix("192.0.3.0/24")}},
		{"IPinfo, no number", "192.0.4.77", ipinfo, asn.Origin{}},
		{"IPv4 alone", "192.0.2.77", four, asn.Origin{Number: 64504, Organisation: "Four", Network: netip.MustParsePrefix("192.0.2.0/24")}},
		{"IPv6 of IPv4 alone", "2001:db8::1", four, asn.Origin{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, err := asn.Read(tt.db, "test.mmdb")
			if err != nil {
				t.Fatal(err)
			}
			got, found, err := db.Lookup(netip.MustParseAddr(tt.address))
			if err != nil || got != tt.want || found != (tt.want.Number != 0) {
				t.Errorf("%+v, %v, %v, want %+v", got, found, err, tt.want)
			}
		})
	}
	db, err := asn.Read(geolite(t), "test.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	if o, found, err := db.Lookup(netip.Addr{}); found || err != nil {
		t.Errorf("no address: %v, %v, %v", o, found, err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	whole := geolite(t)
	db, err := asn.Open(write("whole.mmdb", whole))
	if err != nil {
		t.Fatal(err)
	}
	if db.Type() != "GeoLite2-ASN" || !db.Built().Equal(built) || db.File() != filepath.Join(dir, "whole.mmdb") {
		t.Errorf("%s, %s, %s", db.File(), db.Type(), db.Built())
	}
	// What becomes of the file later is nothing to an open database.
	write("whole.mmdb", whole[:100])
	if o, found, err := db.Lookup(netip.MustParseAddr("192.0.2.1")); o.Number != 64500 || !found || err != nil {
		t.Errorf("%+v, %v, %v", o, found, err)
	}

	city := map[string]mmdbtype.Map{"192.0.2.0/24": {"city": mmdbtype.Map{"geoname_id": mmdbtype.Uint32(1)}}}
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"cities.mmdb": {database(t, "GeoLite2-City", mmdbwriter.Options{}, city), `cities.mmdb: of type "GeoLite2-City", with no AS numbers, want a database of AS numbers such as GeoLite2-ASN.mmdb`},
		"empty.mmdb":  {database(t, "GeoLite2-ASN", mmdbwriter.Options{}, nil), `empty.mmdb: of type "GeoLite2-ASN", with no AS numbers, want`},
		"text.mmdb":   {[]byte("192.0.2.0/24 AS64500\n"), "text.mmdb: no database in MaxMind's format, or a damaged one ("},
		"none.mmdb":   {nil, "none.mmdb: no database in MaxMind's format, or a damaged one ("},
		"cut.mmdb":    {whole[:len(whole)-20], "cut.mmdb: no database in MaxMind's format, or a damaged one ("},
	} {
		if _, err := asn.Open(write(name, tt.b)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := asn.Open(dir); err == nil || !strings.Contains(err.Error(), "no file, want a database") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := asn.Open(filepath.Join(dir, "missing.mmdb")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestOpenCosts: a large file that is no database is refused by its end, and one that is
// costs its size, not twice that.
func TestOpenCosts(t *testing.T) {
	const size = 900 << 20
	file := filepath.Join(t.TempDir(), "large.mmdb")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil { // zeros that take no room
		t.Fatal(err)
	}
	open := func() (allocated uint64, err error) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = asn.Open(file)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, err
	}
	allocated, err := open()
	if want := file + ": no database in MaxMind's format, or a damaged one (its end has no metadata), want "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	if allocated > 1<<20 {
		t.Errorf("%d bytes of memory to refuse it", allocated)
	}
	if err := os.Truncate(file, 1<<30+1); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), ": 1073741825 bytes, want at most 1073741824: ") {
		t.Error(err)
	}

	whole := geolite(t)
	at := bytes.LastIndex(whole, []byte("\xab\xcd\xefMaxMind.com"))
	const padding = 16 << 20
	if err := os.WriteFile(file, slices.Concat(whole[:at], make([]byte, padding), whole[at:]), 0o600); err != nil {
		t.Fatal(err)
	}
	allocated, err = open()
	if err != nil || allocated > padding*5/4 {
		t.Errorf("%d bytes of memory for a database of %d, %v", allocated, padding, err)
	}
}

func TestWarning(t *testing.T) {
	db, err := asn.Read(geolite(t), "a.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		now  time.Time
		want string
	}{
		{built.AddDate(0, 0, 365), ""},
		{built.AddDate(0, 0, 366), "a.mmdb was built on 2026-03-01, 366 days ago: networks have changed hands since"},
		{built.AddDate(0, 0, -1), ""},
		{built.AddDate(0, 0, -3), "a.mmdb was built on 2026-03-01, which is yet to come: it, or the clock, is wrong"},
	} {
		if got := db.Warning(tt.now); got != tt.want {
			t.Errorf("at %s: %q, want %q", tt.now, got, tt.want)
		}
	}
}

func TestLookupConcurrently(t *testing.T) {
	db, err := asn.Read(geolite(t), "a.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			a := netip.MustParseAddr("192.0.2.0")
			for range 256 {
				if o, _, err := db.Lookup(a); err != nil || o.Number != 64500 {
					t.Errorf("%s: %+v, %v", a, o, err)
					return
				}
				a = a.Next()
			}
		})
	}
	wg.Wait()
}
