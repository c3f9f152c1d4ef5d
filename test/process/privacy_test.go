package process

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

var clients = []lab.Client{
	{From: "127.201.17.33", Subnet: "203.0.113.77", Cookie: "a1b2c3d4e5f60718"},
	{From: "127.202.18.34", Subnet: "198.51.100.88", Cookie: "0f1e2d3c4b5a6978"},
	{From: "127.203.19.35", Subnet: "2001:db8:c11e:47::9", Cookie: "13579bdf2468ace0"},
}

const marker = "pRiVaCyPrObE" // letter case that only a client used

// TestNoClientInTheStore asks from several addresses, with ECS, cookies, NSID,
// padding and scrambled letters, and then reads every byte of the store, as it
// lies and uncompressed, for any of them.
func TestNoClientInTheStore(t *testing.T) {
	s := newSite(t)
	server := s.Start()
	if err := s.Upstream.Set("? " + marker + ".example.com A\n" + marker + ".example.com. 300 A 192.0.2.1\n"); err != nil {
		t.Fatal(err)
	}
	traces := lab.Traces{"letters of the client": []byte(marker)}
	for i, c := range clients {
		for _, network := range []string{"udp", "tcp"} {
			m := question(c, uint16(0xbe00+i))
			if _, err := lab.Exchange(network, server.Addr, c.From, m); err != nil {
				t.Fatal(err)
			}
		}
		traces.Add(t, c)
	}
	// Both forms on disk: runs as flushed, and a snapshot of them.
	server.Stop()
	snapshot := filepath.Join(s.Store, "copy.pdns")
	if _, stderr, code := s.PDNS("export", "--snapshot", snapshot); code != 0 {
		t.Fatalf("export: exit %d\n%s", code, stderr)
	}
	out, _, _ := s.PDNS("export", "--json")
	if !strings.Contains(out, strings.ToLower(marker)) {
		t.Fatalf("the answer itself was not recorded:\n%s", out)
	}
	traces.Search(t, "pdns export", []byte(out))
	if !traces.SearchStore(t, s.Store, []byte(strings.ToLower(marker))) {
		t.Error("the search does not even find the name that is there")
	}
}

// question is a client's, for the marker's name.
func question(c lab.Client, id uint16) *dns.Msg {
	m := new(dns.Msg).SetQuestion(marker+".example.com.", dns.TypeA)
	m.Id = id
	ip, family := net.ParseIP(c.Subnet), uint16(2)
	bits := uint8(128)
	if ip.To4() != nil {
		ip, family, bits = ip.To4(), 1, 32
	}
	m.SetEdns0(1232, true)
	opt := m.IsEdns0()
	opt.Option = []dns.EDNS0{
		&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: bits, Address: ip},
		&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: c.Cookie},
		&dns.EDNS0_NSID{Code: dns.EDNS0NSID},
		&dns.EDNS0_LOCAL{Code: dns.EDNS0LOCALSTART, Data: []byte("client-only-" + c.Cookie)},
	}
	return m
}
