/** Words that a text of the language can hardly do without, and that its neighbours do not have. */
export const languageWords: Readonly<Record<string, string>> = {
  cs: 'je jsou nebo který která při také není pro ale jako bylo aby tento podle',
  da: 'og ikke det der har blev hvad eller efter skal kunne også være ikke fra',
  de: 'und der die das nicht ist mit für auf dem den wird wurde eine auch nach bei',
  en: 'the and of is that for with was are this have from not been which will',
  es: 'el los las del que por una con para está como pero más sus este',
  fi: 'ja ei että ovat tai mutta kun myös joka olla mukaan sekä hän tämä',
  fr: 'les des une est dans pour que sur avec par pas qui sont cette aux',
  hu: 'és hogy nem egy az volt meg csak vagy mint ezt után kell lehet amely',
  it: 'il che di è della per non con sono gli una del nella anche dal',
  nl: 'het een van en niet dat zijn voor met ook wordt deze naar werd hij',
  no: 'og ikke det som har ble hva eller etter skal kunne også være fra jeg',
  pl: 'nie jest się na że do który oraz przez dla jak lub być może tego',
  pt: 'os uma não com para que por mais dos como foi são pela ao este',
  ro: 'și este nu care pentru din cu sau fost mai prin această după sunt',
  sv: 'och inte det som har att med för eller efter ska kunde också från jag',
  tr: 've bir bu için ile olarak değil daha çok gibi olan ancak kadar sonra',
};
