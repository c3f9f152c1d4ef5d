package rrset

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// HIP ends in as many names of servers as fit (RFC 8005, section 5), none of them
// compressed. The library follows pointers all the same: some octets could become
// many names of 255 octets each.

// appendWireHIP appends the rdata of HIP, which is canonical as it stands.
func appendWireHIP(dst, rdata []byte) ([]byte, error) {
	const fixed = 4 // lengths of tag and key, and the algorithm
	if len(rdata) < fixed {
		return dst, fmt.Errorf("%w: HIP of %d octets", ErrRdata, len(rdata))
	}
	at := fixed + int(rdata[0]) + int(binary.BigEndian.Uint16(rdata[2:]))
	for at < len(rdata) {
		n, err := NameLen(rdata[at:])
		if err != nil {
			return dst, fmt.Errorf("%w: HIP, name of a server: %w", ErrRdata, err)
		}
		at += n
	}
	if at != len(rdata) {
		return dst, fmt.Errorf("%w: HIP of %d octets, want %d", ErrRdata, len(rdata), at)
	}
	return append(dst, rdata...), nil
}

// checkHIP refuses a record that was compressed, before it is packed. A name is no
// shorter on the wire than a quarter of its text.
func checkHIP(rr *dns.HIP) error {
	least := 0
	for _, name := range rr.RendezvousServers {
		least += max(1, len(name)/4)
	}
	if wire := int(rr.Hdr.Rdlength); wire != 0 && least > wire {
		return fmt.Errorf("%w: HIP of %d octets with names of %d and more", ErrRdata, wire, least)
	}
	return nil
}
