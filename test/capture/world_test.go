package capture

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// large is an answer that goes in fragments by UDP.
var large = strings.Repeat(" "+strings.Repeat("x", 200), 15)

// world is what the server answers.
var world = `
? www.example.com A
www.example.com. 300 CNAME web.example.net.
web.example.net. 60 A 192.0.2.1
web.example.net. 60 A 192.0.2.2

? six.example.com AAAA
six.example.com. 300 AAAA 2001:db8::1

? stream.example.com A
stream.example.com. 300 A 192.0.2.3

? large.example.com TXT
large.example.com. 300 TXT` + large + `

? large6.example.com TXT
large6.example.com. 300 TXT` + large + `

? nowhere.example.com A NXDOMAIN
authority
example.com. 3600 SOA ns.example.com. admin.example.com. 1 7200 3600 1209600 300
`

// client is who asks. That its letters come back, the server sees to.
var client = lab.Client{From: client4, Subnet: "203.0.113.77", Cookie: "a1b2c3d4e5f60718"}

const (
	marker = "pRiVaCyPrObE"
	id     = 0xbeef
)

// ask asks for all that there is, by IPv4 and IPv6, UDP and TCP, and tells as much
// as it can of the client.
func (w *wire) ask(t *testing.T) {
	t.Helper()
	const noRetry = " +ignore +bufsize=4096 "
	w.dig(t, server4, "www.example.com A +qr", "192.0.2.2")
	w.dig(t, server6, "six.example.com AAAA", "2001:db8::1")
	w.dig(t, server4, "+tcp stream.example.com A", "192.0.2.3")
	w.dig(t, server4, noRetry+"large.example.com TXT", "status: NOERROR")
	w.dig(t, server6, noRetry+"large6.example.com TXT", "status: NOERROR")
	w.dig(t, server4, "nowhere.example.com A", "NXDOMAIN")
	if err := w.Set("? " + marker + ".example.com A\n" + marker + ".example.com. 300 A 192.0.2.4\n"); err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprintf("-b %s#%s +qid=%d +subnet=%s/32 +cookie=%s +ednsopt=65001:636c69656e742d6f6e6c792d ", client4, clientPort, id,
		client.Subnet, client.Cookie)
	w.dig(t, server4, told+marker+".example.com A", "192.0.2.4")
	w.dig(t, server4, told+"+tcp "+marker+".example.com A", "192.0.2.4")
}

// traces are what nobody may find of the client.
func traces(t *testing.T) lab.Traces {
	all := lab.Traces{"letters of the client": []byte(marker), "port as text": []byte(clientPort)}
	all.Add(t, client)
	all.AddAddress(client6)
	return all
}
