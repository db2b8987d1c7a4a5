"""All rules in one place."""

from __future__ import annotations

from inspector.rules.channels import (
    f01_origin_refused,
    f02_not_logged_in,
    f03_no_asgi_server,
    f04_no_route,
    f05_exception_before_accept,
    f06_group_name,
    f07_never_accepted,
    f08_subprotocol,
    f09_upgrade_stripped,
    f10_proxy_gave_up,
    f11_wrong_bytes,
    f12_exception_in_receive,
    f13_no_handler,
    f14_close_code,
    f15_illegal_or_large,
    f16_server_restart,
    f17_ping_timeout,
    f18_redis_timeout,
    f19_redis_down,
    f20_separate_processes,
    f21_over_capacity,
    f22_deaf_member,
    f23_event_changed,
    f24_stale_members,
    f25_empty_to_others,
    f26_blocked,
    f27_reconnect_storm,
    f28_flood_or_slow_reader,
    f29_many_queries,
    f30_http_companions,
)
from inspector.rules.network import (
    n1_unanswered,
    n2_refused,
    n3_syn_ack_repeated,
    n4_unreachable,
    n5_path_delay,
    n6_loss,
    n7_reorder,
    n8_black_hole,
)
from inspector.rules.rule import Rule
from inspector.rules.websocket import w06_unclosed

__all__ = ["RULES", "rule_by_id"]

RULES: tuple[Rule, ...] = (
    n1_unanswered.RULE,
    n2_refused.RULE,
    n3_syn_ack_repeated.RULE,
    n4_unreachable.RULE,
    n5_path_delay.RULE,
    n6_loss.RULE,
    n7_reorder.RULE,
    n8_black_hole.RULE,
    f01_origin_refused.RULE,
    f02_not_logged_in.RULE,
    f03_no_asgi_server.RULE,
    f04_no_route.RULE,
    f05_exception_before_accept.RULE,
    f06_group_name.RULE,
    f07_never_accepted.RULE,
    f08_subprotocol.RULE,
    f09_upgrade_stripped.RULE,
    f10_proxy_gave_up.RULE,
    f11_wrong_bytes.RULE,
    f12_exception_in_receive.RULE,
    f13_no_handler.RULE,
    f14_close_code.RULE,
    f15_illegal_or_large.RULE,
    f16_server_restart.RULE,
    f17_ping_timeout.RULE,
    f18_redis_timeout.RULE,
    f19_redis_down.RULE,
    f20_separate_processes.RULE,
    f21_over_capacity.RULE,
    f22_deaf_member.RULE,
    f23_event_changed.RULE,
    f24_stale_members.RULE,
    f25_empty_to_others.RULE,
    f26_blocked.RULE,
    f27_reconnect_storm.RULE,
    f28_flood_or_slow_reader.RULE,
    f29_many_queries.RULE,
    f30_http_companions.RULE,
    w06_unclosed.RULE,
)
"""Every rule, in the order in which equal findings are told; a test compares this list with the folders."""

_BY_ID = {rule.id.lower(): rule for rule in RULES}


def rule_by_id(id_: str) -> Rule | None:
    """The rule with this id, letters in any case; None when there is none."""
    return _BY_ID.get(id_.lower())
