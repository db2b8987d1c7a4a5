"""The service tag of a provider bridge (IEEE 802.1ad): a VLAN tag under its own EtherType, 0x88A8."""

from __future__ import annotations

from dataclasses import replace

from inspector.i18n import N_
from inspector.proto.field import Header
from inspector.proto.kinds import LayerKind
from inspector.proto.vlan import VLAN

__all__ = ["SERVICE_VLAN"]

_FILTERS = {
    "vlan.priority": "ieee8021ad.priority",
    "vlan.dei": "ieee8021ad.dei",
    "vlan.id": "ieee8021ad.id",
    "vlan.etype": None,
}

SERVICE_VLAN = Header(
    name="service_vlan",
    kind=LayerKind.SERVICE_VLAN,
    title=N_("802.1ad service tag"),
    meaning=N_("Says to which customer's traffic the frame belongs in the provider's network."),
    tcpip_layer=VLAN.tcpip_layer,
    osi_layer=VLAN.osi_layer,
    ref=VLAN.ref,
    fields=tuple(replace(field, filter=_FILTERS[field.filter]) for field in VLAN.fields if field.filter),
)
