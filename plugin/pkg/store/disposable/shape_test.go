package disposable_test

import (
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// below is the labels of a name in wire form, without the root.
func below(name string) []byte {
	wire := rrset.MustName(name)
	return wire[:len(wire)-1]
}

func TestShape(t *testing.T) {
	tests := []struct {
		labels, shape string
		machine       bool
	}{
		{"www", "w", false},
		{"autodiscover", "w", false},
		{"rechtsschutzversicherung", "w", false},
		{"my-little-shop", "w", false},
		{"_dmarc", "w", false},
		{"xn--mnchen-3ya", "w", false},
		{"xn--80aswg", "w", false},
		{"mail.internal", "w.w", false},

		{"ns1", "m1", true},
		{"web-07", "w-d1", true},
		{"ip-10-20-3-44", "w-d1-d1-d1-d1", true},
		{"dsl-93-184-216-34", "w-d1-d1-d1-d1", true},
		{"pool4711", "m8", true},
		{"1564653600", "h8", true},
		{"4711", "d4", true},
		{"b2f5ff47436671b6e533d8dc3614845d", "h32", true},
		{"8c9f7a0e1", "h8", true},
		{"00000000000000000000000000000000", "h32", true},
		{"0a1b2c3d-0102-4e5f-8a9b-0c1d2e3f4a5b", "uuid", true},
		{"0a1b2c3d-0102-4e5f-8a9b-0c1d2e3f4a5", "h8-d4-m4-m4-h8", true},
		{"mzxw6ytboi2dkmzvgq3tqnjtha", "m16", true},
		{"p4.fhx3a7kzq2.i1", "m1.m8.m1", true},
		{"_3639ac514e785e898d2646601fa951d5", "_h32", true},
		{"_443._tcp", "_d1.w", true},
		{"a=b+c/d", "o4", true},
		{"v1-a-2-b-3-c-4-d-5-e-6", "m1-w-d1-w-d1-w-d1-w-+", true},
		{"4.3.2.1", "d1.d1.d1.d1", true},
		{"104.33.222.1", "d1.d1.d1.d1", true},
		{strings.Repeat("f.0.", 16), "x32", true},
		{"7.6.5.4.3.2.1", "d1.d1.d1.d1.d1", true}, // no more are told
	}
	for _, test := range tests {
		shape, machine := disposable.Shape(below(test.labels))
		if shape != test.shape || machine != test.machine {
			t.Errorf("%s: %s, %v; want %s, %v", test.labels, shape, machine, test.shape, test.machine)
		}
	}
}

// The longest shapes have room.
func TestLongShape(t *testing.T) {
	label := strings.Repeat("a1a1a1a1-", 7)
	shape, _ := disposable.Shape(below(label[:62] + "." + label[:62] + "." + strings.Repeat("1-", 31) + "." + strings.Repeat("1-", 30)))
	if len(shape) > 191 || !strings.HasPrefix(shape, "h8-h8-h8-h8-h8-h8-h8.") {
		t.Errorf("%d octets: %s", len(shape), shape)
	}
	rdata, err := rrset.ParseRdata(rrset.TypeWildcard, shape)
	if err != nil || rrset.RdataString(rrset.TypeWildcard, rdata) != shape {
		t.Errorf("as rdata: %q, %v", rdata, err)
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		shape, labels string
		want          disposable.Place
	}{
		{"h32", "b2f5ff47436671b6e533d8dc3614845d", disposable.Inside},
		{"h32", "www", disposable.Outside},
		{"h32", "www.b2f5ff47436671b6e533d8dc3614845d", disposable.Outside},
		{"d1.d1.d1.d1", "4.3.2.1", disposable.Inside},
		{"d1.d1.d1.d1", "2.1", disposable.Above},
		{"d1.d1.d1.d1", "x.2.1", disposable.Outside},
		{"m4.h8", "8c9f7a0e1", disposable.Above},
		{"x32", "f.0.0.2", disposable.Above},
		{"x32", "www", disposable.Outside},
		{"", "www", disposable.Outside},
		{"*", "www", disposable.Inside},
		{"*", "www.sub", disposable.Outside},
		{"**", "www.sub", disposable.Inside},
		{"**", "sub", disposable.Above},
	}
	for _, test := range tests {
		if got := disposable.Find(test.shape, below(test.labels)); got != test.want {
			t.Errorf("%s in %s: %d, want %d", test.labels, test.shape, got, test.want)
		}
	}
}
