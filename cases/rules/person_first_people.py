"""Words for people in the patterns of the person-first helper; pure data."""

from typing import Final

PEOPLE: Final = (
    "patients?|pts?|persons?|people|man|men|woman|women|males?|females?|clients?|individuals?|"
    "adults?|child|children|teens?|youths?|mothers?|fathers?|moms?|mums?|dads?|gentlem[ae]n|"
    "lady|ladies|guys?|veterans?|inpatients?|outpatients?|population"
)

RELATIVES: Final = (
    "patient|pt|client|person|man|woman|mother|father|mom|mum|dad|brother|sister|son|daughter|"
    "husband|wife|partner|parent|uncle|aunt|cousin|grandmother|grandfather|friend"
)

IS: Final = (
    rf"(?:he|she|they|who|i|{RELATIVES}) (?:is|was|are|were|am)|he's|she's|they're|i'm|who's"
)
"""Somebody is …"""
