package captures

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// filter is the packets that count: whole ones, with a response of a DNS server,
// not what an ICMP message quotes of one.
const filter = "dns.flags.response == 1 && (udp.srcport == 53 || tcp.srcport == 53) && !icmp && !icmpv6" +
	" && frame.cap_len == frame.len && !ip.bogus_ip_length"

// A field is one of PDML, which is how tshark writes what it has dissected.
type field struct {
	Name   string  `xml:"name,attr"`
	Show   string  `xml:"show,attr"`
	Fields []field `xml:"field"`
}

// get is the value of the first field of a name, in f or below.
func (f *field) get(name string) string {
	for i := range f.Fields {
		g := &f.Fields[i]
		if g.Name == name {
			return g.Show
		}
		if v := g.get(name); v != "" {
			return v
		}
	}
	return ""
}

// section are the fields below one that is only shown.
func (f *field) section(show string) []field {
	for _, g := range f.Fields {
		if g.Name == "" && g.Show == show {
			return g.Fields
		}
	}
	return nil
}

// dissected calls yield with each DNS message of the packets of a file that count.
func dissected(t *testing.T, file string, yield func(*field)) {
	t.Helper()
	cmd := exec.Command("tshark", "-n", "-r", unpacked(t, file), "-Y", filter, "-T", "pdml", "-J", "dns")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(out)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if start, ok := token.(xml.StartElement); !ok || start.Name.Local != "packet" {
			continue
		} else if err := d.DecodeElement(&packet{yield}, &start); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	cmd.Wait() // a file that is cut short is an error to it; what stands before counts
}

// A packet gives its DNS messages out.
type packet struct{ yield func(*field) }

// UnmarshalXML implements xml.Unmarshaler.
func (p *packet) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var protos struct {
		Protos []field `xml:"proto"`
	}
	if err := d.DecodeElement(&protos, &start); err != nil {
		return err
	}
	if slices.ContainsFunc(protos.Protos, func(f field) bool { return f.Name == "_ws.malformed" }) {
		return nil
	}
	for i := range protos.Protos {
		if protos.Protos[i].Name == "dns" {
			p.yield(&protos.Protos[i])
		}
	}
	return nil
}

// unpacked is a file that tshark reads.
func unpacked(t *testing.T, file string) string {
	t.Helper()
	if filepath.Ext(file) != ".zst" {
		return file
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := zstd.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain := filepath.Join(t.TempDir(), "plain")
	out, err := os.Create(plain)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, z); err != nil {
		t.Fatal(err)
	}
	return plain
}

// The rule. A response counts if it has one question of class IN, NOERROR or
// NXDOMAIN, is not truncated and holds for all clients. Of its answer section count
// the records whose owner is the name asked for, or where CNAMEs lead from it: the
// CNAMEs, and at the end what was asked for. Of its authority section count NS, SOA
// and DS at one of these names or above. Records of one owner and type are one RRset;
// two RRsets are the same if owner, type and the set of their rdata, as tshark shows
// it, are.
type reading struct {
	tally     tally
	different map[string]bool
}

type record struct{ owner, rtype, rdata string }

func (r *reading) message(m *field) {
	question := m.section("Queries")
	rcode, tc := m.get("dns.flags.rcode"), m.get("dns.flags.truncated")
	if m.get("dns.flags.response") != "1" || m.get("dns.flags.opcode") != "0" || tc != "0" ||
		rcode != "0" && rcode != "3" || m.get("dns.count.queries") != "1" || len(question) != 1 ||
		question[0].get("dns.qry.class") != "0x0001" {
		return
	}
	if scope := m.get("dns.opt.client.scope"); scope != "" && scope != "0" {
		return
	}
	chain := r.answer(records(m.section("Answers")), name(question[0].get("dns.qry.name")), question[0].get("dns.qry.type"))
	r.authority(records(m.section("Authoritative nameservers")), chain)
}

func records(section []field) (found []record) {
	for i := range section {
		if rr := &section[i]; rr.get("dns.resp.class") == "0x0001" {
			found = append(found, record{owner(rr), rr.get("dns.resp.type"), rdata(rr)})
		}
	}
	return found
}

// Types, as numbers.
const typeANY, typeCNAME, typeNS, typeSOA, typeDS = "255", "5", "2", "6", "43"

// answer counts in the answer section and returns the names from the one asked for
// to where it ends.
func (r *reading) answer(records []record, at, qtype string) []string {
	chain := []string{at}
	for hops := 0; hops <= len(records); hops++ {
		cname := slices.IndexFunc(records, func(x record) bool { return x.owner == at && x.rtype == typeCNAME })
		if cname < 0 || qtype == typeCNAME || qtype == typeANY {
			break
		}
		r.count(records, at, typeCNAME)
		at = name(strings.Fields(records[cname].rdata)[0])
		chain = append(chain, at)
	}
	for i, x := range records {
		if x.owner == at && (x.rtype == qtype || qtype == typeANY) && first(records, i) {
			r.count(records, at, x.rtype)
		}
	}
	return chain
}

func (r *reading) authority(records []record, chain []string) {
	for i, x := range records {
		above := slices.ContainsFunc(chain, func(n string) bool {
			return x.owner == "<root>" || n == x.owner || strings.HasSuffix(n, "."+x.owner)
		})
		if above && (x.rtype == typeNS || x.rtype == typeSOA || x.rtype == typeDS) && first(records, i) {
			r.count(records, x.owner, x.rtype)
		}
	}
}

// first reports whether a record is the first one of its RRset.
func first(records []record, at int) bool {
	return at == slices.IndexFunc(records, func(y record) bool {
		return y.owner == records[at].owner && y.rtype == records[at].rtype
	})
}

// count counts the RRset of an owner and a type.
func (r *reading) count(records []record, owner, rtype string) {
	number, _ := strconv.ParseUint(rtype, 10, 16)
	if local(owner) || rrset.IsDNSSEC(uint16(number)) {
		return
	}
	var all []string
	for _, x := range records {
		if x.owner == owner && x.rtype == rtype {
			all = append(all, x.rdata)
		}
	}
	slices.Sort(all)
	id := owner + " " + rtype + " " + strings.Join(slices.Compact(all), "|")
	mnemonic := rrset.TypeString(uint16(number))
	n := r.tally[mnemonic]
	n.seen++
	if !r.different[id] {
		n.different++
	}
	r.different[id] = true
	r.tally[mnemonic] = n
}

// owner is that of a record, as it stands in its heading: records of some types
// have no field for it.
func owner(rr *field) string {
	owner, _, _ := strings.Cut(rr.Show, ": type ")
	return name(owner)
}

func name(s string) string { return strings.ToLower(s) }

// rdata is all that tshark shows behind the length of the rdata.
func rdata(rr *field) string {
	var b strings.Builder
	behind := false
	var show func(f *field)
	show = func(f *field) {
		for i := range f.Fields {
			g := &f.Fields[i]
			if behind {
				b.WriteString(g.Show + " ")
				show(g)
			}
			behind = behind || g.Name == "dns.resp.len"
		}
	}
	show(rr)
	if rr.get("dns.txt") == "" { // letter case counts in text
		return strings.ToLower(b.String())
	}
	return b.String()
}

// local reports whether a name lies in a zone of use in one network only.
func local(owner string) bool {
	return slices.ContainsFunc(observation.LocalZones, func(zone []byte) bool {
		z := strings.TrimSuffix(rrset.NameString(zone), ".")
		return owner == z || strings.HasSuffix(owner, "."+z)
	})
}

func TestPackets(t *testing.T) {
	files := append(madeCaptures(t), realFiles(t, ".pcap", ".pcapng")...)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := reading{tally{}, map[string]bool{}}
			dissected(t, file, r.message)
			history, said, code := imported(t, file)
			if code != 0 {
				t.Errorf("exit status %d", code)
			}
			if got := byType(history); got.String() != r.tally.String() {
				t.Errorf("import took\n%swhere tshark sees\n%s%s", got, r.tally, said)
			}
			t.Logf("\n%s%s", r.tally, said)
		})
	}
}
