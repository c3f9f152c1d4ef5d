package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	framestream "github.com/farsightsec/golang-framestream"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
)

// Fixtures are written as
//
//	TYPE TIME ZONE QNAME QTYPE
//	    RECORD
//
// with as many answer records as there are; a ZONE of - is not told. Of packets,
// TYPE is the port that they come from, and ZONE is not used. A line
// "junk TEXT" is a frame, or a datagram, that holds just this.
type fixture struct {
	kind, zone string
	time       time.Time
	wire       []byte
	junk       string
}

func parseFixtures(text string) (found []fixture, err error) {
	var last *dns.Msg
	done := func() error {
		if last == nil {
			return nil
		}
		wire, err := last.Pack()
		found[len(found)-1].wire = wire
		last = nil
		return err
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case line[0] == ' ' && last != nil:
			rr, err := dns.NewRR(strings.TrimSpace(line))
			if err != nil {
				return nil, err
			}
			last.Answer = append(last.Answer, rr)
		default:
			if err := done(); err != nil {
				return nil, err
			}
			if f[0] == "junk" {
				found = append(found, fixture{junk: strings.Join(f[1:], " ")})
				continue
			}
			if len(f) != 5 {
				return nil, fmt.Errorf("%q: want TYPE TIME ZONE QNAME QTYPE", line)
			}
			at, err := time.Parse(time.RFC3339, f[1])
			if err != nil {
				return nil, err
			}
			found = append(found, fixture{kind: f[0], time: at, zone: f[2]})
			last = new(dns.Msg).SetQuestion(f[3], dns.StringToType[f[4]])
			last.Response = true
		}
	}
	return found, done()
}

// frame is the fixture as a frame of dnstap.
func (x *fixture) frame() ([]byte, error) {
	if x.junk != "" {
		return []byte(x.junk), nil
	}
	types, err := dnstap.ParseTypes([]string{x.kind})
	if err != nil {
		return nil, err
	}
	e := dnstap.Event{Time: x.time, Response: x.wire}
	for t := range dnstap.Type(32) {
		if types.Has(t) {
			e.Type = t
		}
	}
	if x.zone != "-" {
		e.Zone = rrset.MustName(x.zone)
	}
	return dnstap.Append(nil, &e), nil
}

func writeDnstap(w io.Writer, fixtures []fixture) error {
	out, err := framestream.NewEncoder(w, &framestream.EncoderOptions{ContentType: []byte(dnstap.ContentType)})
	if err != nil {
		return err
	}
	for _, x := range fixtures {
		frame, err := x.frame()
		if err != nil {
			return err
		}
		if _, err := out.Write(frame); err != nil {
			return err
		}
	}
	return out.Close()
}

// packet is the fixture as a UDP datagram on an Ethernet.
func (x *fixture) packet() ([]byte, error) {
	var port uint16
	if _, err := fmt.Sscan(x.kind, &port); err != nil && x.junk == "" {
		return nil, err
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: []byte{192, 0, 2, 53}, DstIP: []byte{198, 51, 100, 7}}
	udp := &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 40000}
	if err := udp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, err
	}
	ethernet := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4}
	payload := gopacket.Payload(append(x.wire, x.junk...))
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ethernet, ip, udp, payload)
	return buf.Bytes(), err
}

func writePcap(w io.Writer, fixtures []fixture) error { return writeSnapped(w, fixtures, 65536) }

// writeSnapped writes of each packet no more than some octets.
func writeSnapped(w io.Writer, fixtures []fixture, snap int) error {
	out := pcapgo.NewWriter(w)
	if err := out.WriteFileHeader(uint32(snap), layers.LinkTypeEthernet); err != nil {
		return err
	}
	for _, x := range fixtures {
		packet, err := x.packet()
		if err != nil {
			return err
		}
		captured := packet[:min(snap, len(packet))]
		info := gopacket.CaptureInfo{Timestamp: x.time, CaptureLength: len(captured), Length: len(packet)}
		if err := out.WritePacket(info, captured); err != nil {
			return err
		}
	}
	return nil
}

// dnstap TEXT FILE writes a frame stream.
func makeDnstap(ts *testscript.TestScript, _ bool, args []string) { makeFile(ts, args, writeDnstap) }

// pcap [-snap=OCTETS] TEXT FILE writes a capture.
func makePcap(ts *testscript.TestScript, _ bool, args []string) {
	snap := 65536
	if text, ok := strings.CutPrefix(args[0], "-snap="); ok {
		var err error
		snap, err = strconv.Atoi(text)
		ts.Check(err)
		args = args[1:]
	}
	makeFile(ts, args, func(w io.Writer, fixtures []fixture) error { return writeSnapped(w, fixtures, snap) })
}

func makeFile(ts *testscript.TestScript, args []string, write func(io.Writer, []fixture) error) {
	fixtures, err := parseFixtures(ts.ReadFile(args[0]))
	ts.Check(err)
	var b bytes.Buffer
	ts.Check(write(&b, fixtures))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}

// append FILE TO writes what is in a file at the end of another.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[1]), os.O_WRONLY|os.O_APPEND, 0)
	ts.Check(err)
	defer f.Close()
	_, err = f.WriteString(ts.ReadFile(args[0]))
	ts.Check(err)
}

// until COMMAND... runs a command until it succeeds.
func until(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); ; {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = ts.MkAbs(".")
		for _, name := range []string{"PATH", "PDNS_STORE", "PDNS_NOW"} {
			cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
		}
		out, err := cmd.CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

func mustParse(t testing.TB, text string) []fixture {
	t.Helper()
	fixtures, err := parseFixtures(text)
	if err != nil {
		t.Fatal(err)
	}
	return fixtures
}
